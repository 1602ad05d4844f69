import { Button } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import type { OAuthApp } from '../../../shared/ipc/contract.ts';
import { calls, toAppError } from '../../bridge.ts';
import { AppDialog } from '../../components/AppDialog.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import type { DialogProps } from '../../dialogs/dialog-props.ts';
import { useSession } from '../../stores/session.ts';
import { OAuthAppFields } from '../connections/credentials/OAuthAppFields.tsx';

type Errors = Readonly<Record<string, string>>;

export function OAuthAppDialog({ dialog, isTop, onClose }: DialogProps<'oauthApp'>) {
  const { connectorId, authMethodId } = dialog;
  const connector = useSession((state) => state.connectorById.get(connectorId));
  const method = connector?.authMethods.find((each) => each.id === authMethodId);
  const [app, setApp] = useState<OAuthApp | undefined>(undefined);
  const [clientId, setClientId] = useState('');
  const [clientSecret, setClientSecret] = useState('');
  const [errors, setErrors] = useState<Errors>({});
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    calls.oauthApps.list({}).then(
      ({ apps }) => {
        const known = apps.find((each) => each.connectorId === connectorId && each.authMethodId === authMethodId);
        setApp(known);
        setClientId((typed) => (typed === '' ? (known?.clientId ?? '') : typed));
      },
      (error: unknown) => setErrors({ form: toAppError(error).message }),
    );
  }, [connectorId, authMethodId]);

  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (clientId.trim() === '') return setErrors({ clientId: 'Enter the client id of your OAuth app.' });
    const secret = clientSecret.trim();
    if (method?.clientSecret === 'required' && secret === '' && !app?.hasClientSecret)
      return setErrors({ clientSecret: 'Enter the client secret of your OAuth app.' });
    setBusy(true);
    try {
      await calls.oauthApps.save({
        connectorId,
        authMethodId,
        clientId: clientId.trim(),
        ...(secret ? { clientSecret: secret } : {}),
      });
      onClose();
    } catch (thrown) {
      const error = toAppError(thrown);
      setErrors({
        [error.field === 'clientId' || error.field === 'clientSecret' ? error.field : 'form']: error.message,
      });
      setBusy(false);
    }
  };

  if (!connector || !method) return null;
  return (
    <AppDialog
      title={`OAuth app for ${connector.name}`}
      isTop={isTop}
      onClose={onClose}
      size={560}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" form="oauth-app" loading={isBusy}>
            Save
          </Button>
        </>
      }
    >
      <form id="oauth-app" onSubmit={(event) => void save(event)} noValidate>
        <OAuthAppFields
          idOf={(control) => `oauth-app-${control}`}
          connector={connector}
          method={method}
          app={app}
          clientId={clientId}
          clientSecret={clientSecret}
          errors={errors}
          onClientId={setClientId}
          onClientSecret={setClientSecret}
        />
        {errors.form && <ErrorNote message={errors.form} />}
      </form>
    </AppDialog>
  );
}
