import { render, screen, waitFor } from '@testing-library/react';
import { user } from '../testing/user';
import { fakeDatasource, setVariables } from '../testing/datasource';
import { WeirVariableQuery } from '../types';
import { examples, Help } from './Help';
import { VariableEditor } from './VariableEditor';

beforeEach(() => setVariables({}));

test('a variable has the values of a field among what a filter selects', async () => {
  const { datasource } = fakeDatasource();
  const told: WeirVariableQuery[] = [];
  render(<VariableEditor datasource={datasource} query={{ refId: 'variable' }} onChange={(q) => told.push(q)} onRunQuery={() => {}} />);
  await user.click(screen.getByLabelText('Field'));
  await user.click(await screen.findByText('destination.port'));
  expect(told.pop()).toMatchObject({ field: 'destination.port' });
  await user.type(screen.getByRole('combobox', { name: 'Filter' }), 'a : 1{Enter}');
  await waitFor(() => expect(told.pop()).toMatchObject({ filter: 'a : 1' }));
});

test('questions to begin with are asked by a click', async () => {
  const { datasource } = fakeDatasource();
  const asked: unknown[] = [];
  render(<Help datasource={datasource as never} query={{ refId: 'A' }} onClickExample={(q) => asked.push(q)} />);
  await user.click(screen.getByRole('button', { name: examples[1].title }));
  expect(asked).toMatchObject([{ refId: 'A', queryType: 'top', by: ['source.ip'] }]);
});
