import { DataSourcePluginOptionsEditorProps, SelectableValue } from '@grafana/data';
import { Alert, FieldSet, InlineField, Input, SecretInput, SecretTextArea } from '@grafana/ui';
import { WeirOptions, WeirSecrets } from '../types';
import { Choice, NumberField, TextField, Toggle } from './inputs';

type Props = DataSourcePluginOptionsEditorProps<WeirOptions, WeirSecrets>;

const width = 26;

const backends: Array<SelectableValue<NonNullable<WeirOptions['backend']>>> = [
  { label: 'Collector', value: 'collector' },
  { label: 'Elasticsearch, OpenSearch', value: 'elasticsearch' },
];

/** Edits how the collector is reached. Secrets go to Grafana alone and never come back. */
export function ConfigEditor({ options, onOptionsChange }: Props) {
  const { jsonData } = options;
  const set = (change: Partial<WeirOptions>) => onOptionsChange({ ...options, jsonData: { ...jsonData, ...change } });
  const elastic = jsonData.backend === 'elasticsearch';
  const plain = /^http:\/\//.test(options.url) && !/^http:\/\/(localhost|127\.|\[::1\])/.test(options.url);
  const secure = !options.url.startsWith('http:');
  return (
    <>
      <FieldSet label="Back end">
        <Choice
          label="Kind"
          labelWidth={width}
          tooltip="What answers: Weir's collector, or Elasticsearch or OpenSearch with the documents of weir-elastic"
          value={jsonData.backend}
          options={backends}
          onChange={(backend) => set({ backend, namespace: backend === 'elasticsearch' ? jsonData.namespace : undefined })}
        />
        <InlineField label="URL" labelWidth={width} tooltip="As Grafana's server reaches it">
          <Input aria-label="URL" width={50} placeholder={elastic ? 'https://127.0.0.1:9200' : 'http://127.0.0.1:8474'} value={options.url} onChange={(e) => onOptionsChange({ ...options, url: e.currentTarget.value.trim() })} />
        </InlineField>
        {plain && <Alert severity="warning" title="Token and answers go to another machine unencrypted: use https" />}
        {elastic && <TextField label="Namespace" labelWidth={width} tooltip="Of the data streams: logs-weir.flow-NAMESPACE. * asks all" placeholder="default" value={jsonData.namespace} onCommit={(namespace) => set({ namespace })} />}
        <Secret
          {...{ options, onOptionsChange }}
          name="token"
          label={elastic ? 'API key' : 'Token'}
          tooltip={elastic ? 'Encoded, as the server gives it out, with the role weir_reader of weir-elastic setup roles' : 'Of: weir token create grafana --scope read. None is needed on the same machine'}
        />
        <NumberField label="Timeout" labelWidth={width} tooltip="Seconds" placeholder="30" value={jsonData.timeout} onCommit={(timeout) => set({ timeout })} />
      </FieldSet>
      {secure && (
        <FieldSet label="TLS">
          <Toggle label="With CA Cert" labelWidth={width} value={jsonData.tlsAuthWithCACert} onChange={(v) => set({ tlsAuthWithCACert: v })} />
          {jsonData.tlsAuthWithCACert && <Pem {...{ options, onOptionsChange }} name="tlsCACert" label="CA Cert" />}
          <Toggle label="TLS Client Authentication" labelWidth={width} value={jsonData.tlsAuth} onChange={(v) => set({ tlsAuth: v })} />
          {jsonData.tlsAuth && (
            <>
              <TextField label="ServerName" labelWidth={width} width={50} value={jsonData.serverName} onCommit={(serverName) => set({ serverName })} />
              <Pem {...{ options, onOptionsChange }} name="tlsClientCert" label="Client Cert" />
              <Pem {...{ options, onOptionsChange }} name="tlsClientKey" label="Client Key" />
            </>
          )}
          <Toggle label="Skip TLS Verify" labelWidth={width} tooltip="Anyone between Grafana and the collector can read the token then" value={jsonData.tlsSkipVerify} onChange={(v) => set({ tlsSkipVerify: v })} />
        </FieldSet>
      )}
      <FieldSet label="Questions">
        <TextField label="Shortest interval" labelWidth={width} tooltip="The shortest bucket of series that follow the panel's width" placeholder="1s" value={jsonData.timeInterval} onCommit={(timeInterval) => set({ timeInterval })} />
        <TextField
          label="Share answers for"
          labelWidth={width}
          tooltip="Seconds for which an answer is used again by those who ask the same, so that many dashboards cost the collector no more than one. Ranges that end now are moved back by up to as long, and by half a percent of their length at most. 0: nothing is shared. Alert rules never share"
          placeholder="5"
          value={jsonData.shareSeconds?.toString()}
          onCommit={(v) => set({ shareSeconds: v === undefined || !(Number(v) >= 0) ? undefined : Number(v) })}
        />
        <NumberField label="Questions at a time" labelWidth={width} placeholder="6" value={jsonData.concurrent} onCommit={(concurrent) => set({ concurrent })} />
        <Toggle label="Links to public services" labelWidth={width} tooltip="In the menus of addresses: whois and reputation, which learn the address when somebody clicks" value={jsonData.publicLinks ?? true} onChange={(v) => set({ publicLinks: v ?? false })} />
      </FieldSet>
    </>
  );
}

interface SecretProps extends Props {
  name: keyof WeirSecrets;
  label: string;
  tooltip?: string;
}

/** What a secret's input shows and does. */
function secret({ options, onOptionsChange, name }: SecretProps) {
  const change = (value: string, configured: boolean) =>
    onOptionsChange({ ...options, secureJsonFields: { ...options.secureJsonFields, [name]: configured }, secureJsonData: { ...options.secureJsonData, [name]: value } });
  return {
    isConfigured: options.secureJsonFields?.[name] ?? false,
    value: options.secureJsonData?.[name] ?? '',
    onReset: () => change('', false),
    onChange: (e: { currentTarget: { value: string } }) => change(e.currentTarget.value, false),
  };
}

function Secret(props: SecretProps) {
  return (
    <InlineField label={props.label} labelWidth={width} tooltip={props.tooltip}>
      <SecretInput aria-label={props.label} width={50} placeholder="weir_..." {...secret(props)} />
    </InlineField>
  );
}

function Pem(props: SecretProps) {
  return (
    <InlineField label={props.label} labelWidth={width}>
      <SecretTextArea aria-label={props.label} cols={60} rows={5} placeholder="-----BEGIN ..." {...secret(props)} />
    </InlineField>
  );
}
