import './theme/styles.ts';
import './theme/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { reportElsewhere } from './frame/report.ts';
import { fetchPartsWhenIdle } from './preload-parts.ts';
import { loadInfo, loadSession } from './stores/session.ts';
import { loadTenantData, subscribeToMain } from './stores/subscriptions.ts';

// react-remove-scroll, inside Mantine's dialogs, takes the nonce of its style element from this global.
Object.assign(window, {
  __webpack_nonce__: document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content,
});

// Everything is asked for before the first render: the answers arrive while React is working.
subscribeToMain();
void loadSession().then(loadInfo).catch(reportElsewhere);
void loadTenantData().then(() => fetchPartsWhenIdle());

const root = document.getElementById('root');
if (!root) throw new Error('The page has no #root');
createRoot(root).render(<App />);
