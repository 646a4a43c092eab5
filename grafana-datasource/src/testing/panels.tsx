import { applyFieldOverrides, DataFrame, dataFrameFromJSON, FieldColorModeId, FieldType, GrafanaTheme2, getDisplayProcessor, TimeRange } from '@grafana/data';
import { LegendDisplayMode } from '@grafana/schema';
import { BigValue, BigValueColorMode, BigValueGraphMode, PanelChrome, Table, TimeSeries, useTheme2 } from '@grafana/ui';
import { useEffect, useState } from 'react';
import overview from '../dashboards/overview.json';

// Panels of a dashboard, with Grafana's own components for charts, tables and numbers, and the frames of the real backend. It is how they
// look, not Grafana: what a panel's plugin does besides (annotations, menus, maps, node graphs) is not here.

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: object[];
  fieldConfig: { defaults: { custom?: object } };
}

const column = 46;
const row = 36;
const gap = 8;

// Where the parts of a chart are, which Grafana's own style sheet says; bundled pages have none.
const charts = `.u-wrap { position: relative } .u-over, .u-under, .u-axis { position: absolute } .u-under { overflow: hidden } .uplot canvas { display: block; position: relative; width: 100%; height: 100% }`;

type Send = (path: string, body: unknown) => Promise<{ results: { A: { frames?: object[] } } }>;

/** The first panels of the overview. */
export function Panels({ send, range }: { send: Send; range: TimeRange }) {
  const shown = (overview.panels as unknown as Panel[]).filter((p) => ['timeseries', 'table', 'stat'].includes(p.type));
  return (
    <div style={{ position: 'relative' }}>
      <style>{charts}</style>
      {shown.map((p) => (
        <One key={p.id} panel={p} send={send} range={range} />
      ))}
    </div>
  );
}

function One({ panel, send, range }: { panel: Panel; send: Send; range: TimeRange }) {
  const theme = useTheme2();
  const [frames, setFrames] = useState<DataFrame[]>();
  useEffect(() => {
    send(`/query?from=${range.from.toISOString()}&to=${range.to.toISOString()}`, panel.targets[0]).then((res) => setFrames(prepared((res.results.A.frames ?? []).map((f) => dataFrameFromJSON(f as never)), panel, theme)));
  }, [panel, send, range, theme]);
  const { x, y, w, h } = panel.gridPos;
  return (
    <div data-panel={panel.title} data-rows={frames?.reduce((n, f) => n + f.length, 0)} style={{ position: 'absolute', left: x * column, top: y * row }}>
      <PanelChrome title={panel.title} width={w * column - gap} height={h * row - gap}>
        {(width, height) => <>{frames?.length ? <Drawn {...{ panel, frames, range, width, height }} /> : null}</>}
      </PanelChrome>
    </div>
  );
}

function Drawn({ panel, frames, range, width, height }: { panel: Panel; frames: DataFrame[]; range: TimeRange; width: number; height: number }) {
  const theme = useTheme2();
  if (panel.type === 'table') {
    return <Table data={frames[0]} width={width} height={height} />;
  }
  if (panel.type === 'timeseries') {
    const legend = { showLegend: true, displayMode: LegendDisplayMode.List, placement: 'bottom' as const, calcs: [] };
    return <TimeSeries frames={frames} timeRange={range} timeZone="utc" width={width} height={height} legend={legend} />;
  }
  const numbers = frames[0].fields.find((f) => f.type === FieldType.number);
  const values = (numbers?.values ?? []).filter((v) => v !== null);
  const value = panel.title.includes('Alerts') ? values.reduce((a, b) => a + b, 0) : panel.title === 'Exporters' ? values.length : values[values.length - 1];
  const display = panel.title === 'Exporters' ? { text: String(value), numeric: value } : numbers!.display!(value);
  return <BigValue width={width} height={height} value={display} colorMode={BigValueColorMode.Value} graphMode={BigValueGraphMode.None} theme={theme} />;
}

/** Frames with what Grafana gives fields: colors, names and how values are written. */
function prepared(frames: DataFrame[], panel: Panel, theme: GrafanaTheme2): DataFrame[] {
  let series = 0;
  for (const frame of frames) {
    for (const f of frame.fields) {
      f.config = { ...f.config, custom: { ...panel.fieldConfig.defaults.custom } };
      if (f.type === FieldType.number) {
        f.config.color = { mode: panel.type === 'timeseries' ? FieldColorModeId.PaletteClassic : FieldColorModeId.Fixed, fixedColor: 'blue' };
        f.state = { seriesIndex: series++ };
      }
    }
  }
  const out = applyFieldOverrides({ data: frames, fieldConfig: { defaults: {}, overrides: [] }, replaceVariables: (text) => text, theme, timeZone: 'utc' });
  for (const frame of out) {
    for (const f of frame.fields) {
      f.display = getDisplayProcessor({ field: f, theme, timeZone: 'utc' });
    }
  }
  return out;
}
