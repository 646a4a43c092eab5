// Drives the editors as a person would, in a page that mounts them in front of a running backend: node editors.mjs URL [FOLDER for pictures]
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

const [url, pictures] = process.argv.slice(2);
const profile = mkdtempSync(path.join(tmpdir(), 'weir-editors-'));
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/lib/chromium/chromium'].find(existsSync);
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-proxy-server', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', '--force-color-profile=srgb', '--font-render-hinting=none'];
const context = await chromium.launchPersistentContext(profile, { executablePath, args, headless: true, viewport: { width: 1140, height: 860 } });
const page = context.pages()[0] ?? (await context.newPage());
page.setDefaultTimeout(60000); // of a busy machine
const faults = [];
page.on('pageerror', (e) => faults.push(e.stack ?? String(e)));

const query = async () => JSON.parse(await page.locator('#query').textContent());
const answer = () => page.locator('#answer').textContent();
const until = async (what, holds) => {
  for (let i = 0; !(await holds()); i++) {
    assert.ok(i < 600, `never: ${what}; query ${await page.locator('#query').textContent()}; answer ${await answer()}`);
    await page.waitForTimeout(100);
  }
};
const picture = async (name, height = 440) => pictures && page.screenshot({ path: path.join(pictures, name + '.png'), clip: { x: 0, y: 0, width: 1140, height } });
const choose = async (label, option, nth = 0) => {
  await page.getByLabel(label, { exact: true }).nth(nth).click();
  await page.getByRole('option', { name: option, exact: true }).or(page.locator('[data-testid*="Select option"], [aria-label="Select option"]').getByText(option, { exact: true })).first().click();
};

try {
  // By clicks only.
  await page.goto(`${url}/?from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z`);
  await choose('Type', 'Top list');
  await choose('Measure', 'flows');
  await choose('Group by', 'destination.port');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Condition', exact: true }).click();
  await choose('Field', 'network.direction');
  await choose('Value', 'inbound');
  await until('the filter is made', async () => (await query()).filter === 'network.direction : inbound');
  await until('the collector answers', async () => /"destination.port"/.test(await answer()));
  assert.deepEqual((await query()).by, ['destination.port']);

  // A value that only the collector knows.
  await page.getByRole('button', { name: 'Condition', exact: true }).click();
  await choose('Field', 'source.ip', 1);
  await page.getByLabel('Value', { exact: true }).nth(1).click();
  await page.keyboard.type('18.31.');
  await page.getByText('18.31.59.159').first().waitFor();
  await picture('builder');
  await page.getByText('18.31.59.159').first().click();
  const filter = 'network.direction : inbound and source.ip : 18.31.59.159';
  await until('the filter has both', async () => (await query()).filter === filter);

  // How it was asked, and the filter for another tool.
  const asked = page.getByRole('button', { name: /^Asked: exact, .* to .*/ });
  await asked.click();
  await until('the command is shown', async () => /^weir query 'network.direction : inbound and source.ip : 18\.31\.59\.159' --by destination.port/.test(await page.getByTestId('asked').textContent()));
  await picture('asked');
  await page.getByRole('radio', { name: 'SPL' }).click();
  await until('the filter is translated', async () => /src_ip|source\.ip/.test(await page.getByTestId('asked').textContent()) && !/weir query/.test(await page.getByTestId('asked').textContent()));
  await asked.click();

  // To text and back.
  await page.getByRole('radio', { name: 'Text' }).click();
  const area = page.getByRole('combobox', { name: 'Filter' });
  await until('the text is the filter', async () => (await area.inputValue()) === filter);
  await page.getByRole('radio', { name: 'Builder' }).click();
  await until('both rows are back', async () => (await page.getByLabel('Field', { exact: true }).count()) === 2);
  assert.equal((await query()).filter, filter);

  // A field and a value completed by the keyboard.
  await page.getByRole('radio', { name: 'Text' }).click();
  await area.click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('End');
  // On a busy machine an answer may be late, and the list be that of what was written before: it is asked for once more.
  const offered = async (name) => {
    let asked = 0;
    await until(`${name} is offered`, async () => {
      const there = await page.getByRole('option', { name }).count();
      if (!there && ++asked % 30 === 0) {
        await area.press('Control+Space');
      }
      return there > 0;
    });
  };
  await page.keyboard.type(' and destination.po');
  await until('the field is taken', async () => {
    if (/destination\.port $/.test(await area.inputValue())) {
      return true;
    }
    await offered(/^destination\.port/);
    await area.press('Tab');
    return /destination\.port $/.test(await area.inputValue());
  });
  await area.pressSequentially(': ');
  await offered(/^22/);
  await picture('completion');
  await page.getByRole('option', { name: /^22/ }).first().click();
  await until('the value is taken', async () => (await area.inputValue()).trim() === filter + ' and destination.port : 22');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Enter');
  await until('the filter is asked', async () => (await query()).filter === filter + ' and destination.port : 22');

  // What is wrong, where it is.
  await area.fill('network.direction : inbound and source.prot : 53');
  await page.getByRole('alert').filter({ hasText: 'Column 33: no field source.prot; did you mean source.port?' }).waitFor();
  await page.keyboard.press('Escape');
  const marked = page.locator('[data-testid=highlight] [data-fault]');
  assert.equal(await marked.textContent(), 'source.prot');
  const [mark, field] = [await marked.boundingBox(), await area.boundingBox()];
  assert.ok(mark.x > field.x + 150 && mark.x + mark.width < field.x + field.width && mark.y >= field.y && mark.y + mark.height <= field.y + field.height, JSON.stringify({ mark, field }));
  await picture('error');

  // The settings, of which the token is not shown.
  await page.goto(`${url}/?config&light&from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z`);
  await page.getByText('With CA Cert').first().waitFor();
  assert.ok(await page.getByLabel('Token', { exact: true }).isDisabled());
  await picture('settings', 800);

  // Panels of the overview: Grafana's components with the frames of the backend.
  await page.setViewportSize({ width: 1140, height: 1460 });
  await page.goto(`${url}/?panels&from=2026-03-02T00:00:00Z&to=2026-03-02T11:00:00Z`);
  await until('every panel has something', async () => (await page.locator('[data-panel]').count()) >= 10 && (await page.locator('[data-panel]:not([data-rows]), [data-rows="0"]').count()) === 0);
  await until('charts are drawn', async () => (await page.locator('.uplot canvas').count()) >= 3);
  await page.waitForTimeout(500); // of the next frame
  await picture('panels', 1390);
  assert.deepEqual(faults, []);
  console.log('the editors do as they should');
} catch (e) {
  await page.screenshot({ path: path.join(tmpdir(), 'weir-editors-failed.png') });
  console.error(e, faults, await page.getByRole('option').allTextContents(), await page.locator('textarea').first().inputValue().catch(() => ''));
  process.exitCode = 1;
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
