import { SelectableValue } from '@grafana/data';
import { InlineField, InlineSwitch, Input, MultiSelect, Select } from '@grafana/ui';
import { useEffect, useState } from 'react';

/** What every field of an editor has. */
interface Common {
  label: string;
  tooltip?: string;
  labelWidth?: number;
}

/** A text that counts when the field is left or Enter is pressed. */
export function TextField({ label, tooltip, labelWidth = 14, value, placeholder, width = 20, onCommit }: Common & { value?: string; placeholder?: string; width?: number; onCommit: (v?: string) => void }) {
  const [text, setText] = useState(value ?? '');
  useEffect(() => setText(value ?? ''), [value]);
  const commit = () => text.trim() !== (value ?? '') && onCommit(text.trim() || undefined);
  return (
    <InlineField label={label} tooltip={tooltip} labelWidth={labelWidth}>
      <Input aria-label={label} width={width} value={text} placeholder={placeholder} onChange={(e) => setText(e.currentTarget.value)} onBlur={commit} onKeyDown={(e) => e.key === 'Enter' && commit()} />
    </InlineField>
  );
}

/** A whole number, 0 and less being none. */
export function NumberField(props: Common & { value?: number; placeholder?: string; onCommit: (v?: number) => void }) {
  const { value, onCommit, ...rest } = props;
  return (
    <TextField
      {...rest}
      width={12}
      value={value ? String(value) : ''}
      onCommit={(v) => {
        const n = Number(v);
        onCommit(v && Number.isFinite(n) && n > 0 ? n : undefined);
      }}
    />
  );
}

/** One of several choices. */
export function Choice<T extends string>({ label, tooltip, labelWidth = 14, value, options, width = 24, custom, onChange }: Common & { value?: T; options: Array<SelectableValue<T>>; width?: number; custom?: boolean; onChange: (v: T) => void }) {
  const known = options.some((o) => o.value === value);
  const shown = !known && value ? [...options, { label: value, value }] : options;
  return (
    <InlineField label={label} tooltip={tooltip} labelWidth={labelWidth}>
      <Select aria-label={label} width={width} options={shown} value={value ?? options[0]?.value} allowCustomValue={custom} onChange={(v) => v.value !== undefined && onChange(v.value)} />
    </InlineField>
  );
}

/** Several of many choices, and others. */
export function Choices({ label, tooltip, labelWidth = 14, value, options, placeholder, onChange }: Common & { value?: string[]; options: Array<SelectableValue<string>>; placeholder?: string; onChange: (v?: string[]) => void }) {
  return (
    <InlineField label={label} tooltip={tooltip} labelWidth={labelWidth} grow>
      <MultiSelect
        aria-label={label}
        placeholder={placeholder ?? 'none'}
        options={options}
        allowCustomValue
        value={(value ?? []).map((v) => ({ label: v, value: v }))}
        onChange={(list) => onChange(list.length ? list.map((o) => o.value ?? '') : undefined)}
      />
    </InlineField>
  );
}

/** Something that is on or off. */
export function Toggle({ label, tooltip, labelWidth, value, onChange }: Common & { value?: boolean; onChange: (v?: boolean) => void }) {
  return (
    <InlineField label={label} tooltip={tooltip} labelWidth={labelWidth}>
      <InlineSwitch aria-label={label} value={value ?? false} onChange={(e) => onChange(e.currentTarget.checked || undefined)} />
    </InlineField>
  );
}

/** Names as choices. */
export function asOptions(names: readonly string[]): Array<SelectableValue<string>> {
  return names.map((n) => ({ label: n, value: n }));
}
