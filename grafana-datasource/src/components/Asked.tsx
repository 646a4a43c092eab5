import { PanelData } from '@grafana/data';
import { Button, ClipboardButton, Icon, RadioButtonGroup } from '@grafana/ui';
import { useState } from 'react';
import { toldOf } from '../answer';
import { DataSource } from '../datasource';
import { onSessions, takesFilter, WeirQuery } from '../types';
import { useLatest } from './useLatest';

interface Props {
  datasource: DataSource;
  query: WeirQuery;
  data?: PanelData;
}

type Language = 'weir' | 'kql' | 'spl' | 'elastic';

const languages: Array<{ value: Language; label: string; description?: string }> = [
  { value: 'weir', label: 'As asked' },
  { value: 'kql', label: 'KQL', description: 'The filter for Kibana' },
  { value: 'elastic', label: 'Elasticsearch', description: 'The filter in the query language of Elasticsearch' },
  { value: 'spl', label: 'SPL', description: 'The filter for Splunk' },
];

/** How the question was put to the collector and how far its answer may be trusted; and the filter in the languages of other tools. */
export function Asked({ datasource, query, data }: Props) {
  const [open, setOpen] = useState(false);
  const [language, setLanguage] = useState<Language>('weir');
  const told = toldOf(data, query.refId);
  const filter = takesFilter(query.queryType ?? 'series') ? datasource.interpolate(query.filter ?? '') : '';
  const to = open && filter ? language : 'weir';
  const translated = useLatest(`${to} ${filter}`, async () =>
    to === 'weir' ? undefined : datasource.translate(filter, to, onSessions(query)).then((a) => a.text, () => 'The filter cannot be translated')
  );
  if (!told) {
    return null;
  }
  const text = to === 'weir' ? told.asked : translated ?? '';
  return (
    <div style={{ marginTop: 4 }}>
      <Button variant="secondary" fill="text" size="sm" icon={open ? 'angle-down' : 'angle-right'} aria-expanded={open} onClick={() => setOpen(!open)}>
        {told.missing && <Icon name="exclamation-triangle" style={{ marginRight: 4 }} />}
        Asked: {told.summary}
      </Button>
      {open && (
        <div>
          <div style={{ display: 'flex', gap: 8, marginBottom: 4 }}>
            {filter && <RadioButtonGroup size="sm" options={languages} value={language} onChange={setLanguage} />}
            <ClipboardButton size="sm" variant="secondary" icon="copy" getText={() => text}>
              Copy
            </ClipboardButton>
          </div>
          <pre data-testid="asked" style={{ whiteSpace: 'pre-wrap' }}>{text}</pre>
        </div>
      )}
    </div>
  );
}
