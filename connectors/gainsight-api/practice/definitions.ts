/** Objects of the practice tenant, described as Gainsight's metadata service describes them. */
export interface PracticeField {
  readonly fieldName: string;
  readonly label: string;
  readonly dataType: string;
  readonly meta: {
    readonly createable: boolean;
    readonly updateable: boolean;
    readonly required: boolean;
    readonly nillable: boolean;
    readonly readOnly: boolean;
    readonly hidden: boolean;
    readonly filterable: boolean;
    readonly sortable: boolean;
    readonly length: number | null;
    readonly formulaField: boolean;
    readonly hasLookup: boolean;
  };
  /** Labels of a picklist; not part of the description, as at the vendor. */
  readonly options?: readonly string[] | undefined;
}

export interface PracticeObject {
  readonly objectName: string;
  readonly label: string;
  readonly objectType: 'STANDARD' | 'CUSTOM' | 'SYSTEM';
  readonly keyPrefix: string;
  /** Low volume: the row API may write it. */
  readonly transactional: boolean;
  readonly readable: boolean;
  readonly createable: boolean;
  readonly fields: readonly PracticeField[];
  /** In which of the two shapes a query is answered. */
  readonly answersAs: 'list' | 'records';
}

interface Extra {
  readonly length?: number;
  readonly required?: boolean;
  readonly readOnly?: boolean;
  readonly options?: readonly string[];
}

function field(fieldName: string, label: string, dataType: string, extra: Extra = {}): PracticeField {
  const isWriteable = extra.readOnly !== true;
  const meta = {
    createable: isWriteable,
    updateable: isWriteable,
    required: extra.required === true,
    nillable: extra.required !== true,
    readOnly: !isWriteable,
    hidden: false,
    filterable: true,
    sortable: true,
    length: extra.length ?? null,
    formulaField: false,
    hasLookup: dataType === 'LOOKUP',
  };
  return { fieldName, label, dataType, meta, options: extra.options };
}

const AUDIT = [
  field('Gsid', 'GSID', 'GSID', { readOnly: true }),
  field('CreatedDate', 'Created Date', 'DATETIME', { readOnly: true }),
  field('ModifiedDate', 'Modified Date', 'DATETIME', { readOnly: true }),
];

export const STAGES = ['New Customer', 'Kicked Off', 'Launched', 'Adopting', 'Will Churn', 'Churn'];
export const STATUSES = ['Active', 'Inactive', 'Churn'];

/** Field names as in support.gainsight.com's Company API article; custom ones end in __gc. */
const COMPANY: PracticeObject = {
  objectName: 'Company',
  label: 'Company',
  objectType: 'STANDARD',
  keyPrefix: '1P02',
  transactional: true,
  readable: true,
  createable: true,
  answersAs: 'list',
  fields: [
    ...AUDIT,
    field('Name', 'Name', 'STRING', { required: true, length: 250 }),
    field('SFDC_Account_ID__gc', 'SFDC Account ID', 'STRING', { length: 40 }),
    field('Industry', 'Industry', 'STRING', { length: 120 }),
    field('Employees', 'Employees', 'NUMBER'),
    field('ARR', 'ARR', 'CURRENCY'),
    field('Users', 'Users', 'NUMBER'),
    field('Status', 'Status', 'PICKLIST', { options: STATUSES }),
    field('Stage', 'Stage', 'PICKLIST', { options: STAGES }),
    field('OriginalContractDate', 'Original Contract Date', 'DATE'),
    field('RenewalDate', 'Renewal Date', 'DATE'),
    field('Summary', 'Summary', 'RICHTEXTAREA', { length: 4000 }),
    field('CSM', 'CSM', 'LOOKUP', { length: 40 }),
    field('Website__gc', 'Website', 'URL', { length: 255 }),
    field('Phone__gc', 'Phone', 'STRING', { length: 60 }),
    field('Billing_City__gc', 'Billing City', 'STRING', { length: 120 }),
    field('Billing_Country__gc', 'Billing Country', 'STRING', { length: 120 }),
    field('Annual_Revenue__gc', 'Annual Revenue', 'CURRENCY'),
    field('SFDC_Owner_ID__gc', 'SFDC Owner ID', 'STRING', { length: 40 }),
    field('Account_Type__gc', 'Account Type', 'STRING', { length: 120 }),
    field('Owner_Email__gc', 'Owner Email', 'EMAIL', { length: 120 }),
    field('Is_Reference__gc', 'Is Reference', 'BOOLEAN'),
    field('Health_Percent__gc', 'Health Percent', 'PERCENTAGE'),
    field('Source_Modified_On__gc', 'Source Modified On', 'DATETIME'),
  ],
};

/** Targets of the Zendesk jobs, so that these can be delivered too. */
const CASE: PracticeObject = {
  objectName: 'Case',
  label: 'Case',
  objectType: 'STANDARD',
  keyPrefix: '1C11',
  transactional: true,
  readable: true,
  createable: true,
  answersAs: 'records',
  fields: [
    ...AUDIT,
    field('External_ID', 'External ID', 'STRING', { required: true, length: 100 }),
    field('Subject', 'Subject', 'STRING', { length: 500 }),
    field('Status', 'Status', 'STRING', { length: 60 }),
    field('Priority', 'Priority', 'STRING', { length: 60 }),
    field('Type', 'Type', 'STRING', { length: 60 }),
    field('Organization_ID', 'Organization ID', 'STRING', { length: 100 }),
    field('Requester_ID', 'Requester ID', 'STRING', { length: 100 }),
    field('Assignee_ID', 'Assignee ID', 'STRING', { length: 100 }),
    field('Channel', 'Channel', 'STRING', { length: 60 }),
    field('Satisfaction', 'Satisfaction', 'STRING', { length: 60 }),
    field('Opened_On', 'Opened On', 'DATETIME'),
    field('Updated_On', 'Updated On', 'DATETIME'),
  ],
};

const custom = (
  objectName: string,
  label: string,
  keyPrefix: string,
  transactional: boolean,
  fields: readonly PracticeField[],
): PracticeObject => ({
  objectName,
  label,
  objectType: 'CUSTOM',
  keyPrefix,
  transactional,
  readable: true,
  createable: true,
  answersAs: 'records',
  fields: [...AUDIT, ...fields],
});

export const OBJECTS: readonly PracticeObject[] = [
  COMPANY,
  CASE,
  custom('Zendesk_Organization__gc', 'Zendesk Organization', '1Z01', true, [
    field('External_ID', 'External ID', 'STRING', { required: true, length: 100 }),
    field('Name', 'Name', 'STRING', { required: true, length: 250 }),
    field('Account_ID', 'Account ID', 'STRING', { length: 100 }),
    field('Details', 'Details', 'RICHTEXTAREA', { length: 4000 }),
    field('Created_On', 'Created On', 'DATETIME'),
    field('Updated_On', 'Updated On', 'DATETIME'),
  ]),
  custom('Contract__gc', 'Contract', '1Z02', true, [
    field('Number__gc', 'Number', 'NUMBER', { required: true }),
    field('Region__gc', 'Region', 'STRING', { required: true, length: 60 }),
    field('Title__gc', 'Title', 'STRING', { length: 120 }),
    field('Value__gc', 'Value', 'CURRENCY'),
    field('Starts_On__gc', 'Starts On', 'DATE'),
  ]),
  // High volume: only bulk imports write it, the row API does not.
  custom('Product_Usage__gc', 'Product Usage', '1Z09', false, [
    field('Day__gc', 'Day', 'DATE'),
    field('Logins__gc', 'Logins', 'NUMBER'),
  ]),
  {
    objectName: 'gsuser',
    label: 'User',
    objectType: 'SYSTEM',
    keyPrefix: '1P01',
    transactional: false,
    readable: true,
    createable: false,
    answersAs: 'records',
    fields: [
      ...AUDIT,
      field('Name', 'Name', 'STRING', { length: 250 }),
      field('Email', 'Email', 'EMAIL', { length: 250 }),
      field('IsActiveUser', 'Is Active User', 'BOOLEAN'),
    ],
  },
];
