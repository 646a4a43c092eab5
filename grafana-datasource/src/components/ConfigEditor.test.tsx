import { DataSourceSettings } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import { user } from '../testing/user';
import { useState } from 'react';
import { WeirOptions, WeirSecrets } from '../types';
import { ConfigEditor } from './ConfigEditor';

type Settings = DataSourceSettings<WeirOptions, WeirSecrets>;

function show(first: Partial<Settings>) {
  const latest = { settings: { url: '', jsonData: {}, secureJsonFields: {}, ...first } as Settings };
  function Host() {
    const [options, setOptions] = useState(latest.settings);
    latest.settings = options;
    return <ConfigEditor options={options} onOptionsChange={setOptions} />;
  }
  render(<Host />);
  return latest;
}

test('address and token', async () => {
  const latest = show({});
  await user.type(screen.getByLabelText('URL'), 'https://weir.example.net:8474');
  await user.type(screen.getByLabelText('Token'), 'weir_abc');
  expect(latest.settings.url).toBe('https://weir.example.net:8474');
  expect(latest.settings.secureJsonData).toEqual({ token: 'weir_abc' });
  expect(JSON.stringify(latest.settings.jsonData)).not.toContain('weir_abc');
});

test('a token that is set is not shown, and can be taken away', async () => {
  const latest = show({ secureJsonFields: { token: true } });
  expect(screen.getByLabelText('Token')).toBeDisabled();
  await user.click(screen.getByRole('button', { name: 'Reset' }));
  expect(latest.settings.secureJsonFields.token).toBe(false);
});

test('a token that would go over the network in clear is warned of', async () => {
  show({ url: 'http://weir.example.net:8474' });
  expect(screen.getByText(/unencrypted/)).toBeInTheDocument();
});

test('own authority and client certificate', async () => {
  const latest = show({ url: 'https://weir.example.net' });
  await user.click(screen.getByLabelText('With CA Cert'));
  await user.click(screen.getByLabelText('TLS Client Authentication'));
  await user.type(screen.getByLabelText('CA Cert'), 'A');
  await user.type(screen.getByLabelText('Client Key'), 'K');
  expect(latest.settings.jsonData).toMatchObject({ tlsAuthWithCACert: true, tlsAuth: true });
  expect(latest.settings.secureJsonData).toEqual({ tlsCACert: 'A', tlsClientKey: 'K' });
});

test('how questions are asked', async () => {
  const latest = show({ url: 'http://127.0.0.1:8474' });
  await user.type(screen.getByLabelText('Share answers for'), '0{Enter}');
  await user.type(screen.getByLabelText('Questions at a time'), '12{Enter}');
  await user.click(screen.getByLabelText('Links to public services'));
  expect(latest.settings.jsonData).toEqual({ shareSeconds: 0, concurrent: 12, publicLinks: false });
});

test('Elasticsearch in place of a collector', async () => {
  const latest = show({ url: 'https://search.example.net:9200', jsonData: { backend: 'elasticsearch' } });
  await user.type(screen.getByLabelText('Namespace'), 'lab{Enter}');
  await user.type(screen.getByLabelText('API key'), 'abc');
  expect(latest.settings.jsonData).toEqual({ backend: 'elasticsearch', namespace: 'lab' });
  expect(latest.settings.secureJsonData).toEqual({ token: 'abc' });
  expect(screen.queryByLabelText('Token')).toBeNull();
});

test('a collector is what is asked unless it is said', () => {
  show({ url: 'https://weir.example.net:8474' });
  expect(screen.getByText('Collector')).toBeInTheDocument();
  expect(screen.queryByLabelText('Namespace')).toBeNull();
});
