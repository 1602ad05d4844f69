import '../theme/more-styles.ts';
import { Checkbox, TextInput } from '@mantine/core';
import { GAINSIGHT_PRODUCTS, PRODUCT_NAMES, type Product } from '../../shared/products.ts';
import { fieldError } from './FieldError.tsx';
import classes from './TenantForm.module.css';

export interface TenantValues {
  readonly name: string;
  readonly domain: string;
  readonly products: readonly Product[];
}

export type TenantErrors = Readonly<Partial<Record<'name' | 'domain' | 'products' | 'form', string>>>;

interface TenantFieldsProps {
  readonly values: TenantValues;
  readonly errors: TenantErrors;
  readonly onChange: (values: TenantValues) => void;
}

/** Name, domain and owned products of a tenant. */
export function TenantFields({ values, errors, onChange }: TenantFieldsProps) {
  return (
    <div className={classes.fields}>
      <TextInput
        label="Name"
        description="As your company is called in Gainsight."
        value={values.name}
        error={fieldError(errors.name)}
        onChange={(event) => onChange({ ...values, name: event.currentTarget.value })}
        autoComplete="off"
        data-autofocus
      />
      <TextInput
        label="Domain"
        description="The host in the address of your Gainsight, for example acme.gainsightcloud.com."
        value={values.domain}
        error={fieldError(errors.domain)}
        onChange={(event) => onChange({ ...values, domain: event.currentTarget.value })}
        autoComplete="off"
        spellCheck={false}
      />
      <Checkbox.Group
        label="Owned products"
        description="Their connections are made under Gainsight Connections."
        value={[...values.products]}
        error={fieldError(errors.products)}
        onChange={(products) =>
          onChange({ ...values, products: GAINSIGHT_PRODUCTS.filter((product) => products.includes(product)) })
        }
      >
        <div className={classes.products}>
          {GAINSIGHT_PRODUCTS.map((product) => (
            <Checkbox key={product} value={product} label={PRODUCT_NAMES[product]} />
          ))}
        </div>
      </Checkbox.Group>
    </div>
  );
}
