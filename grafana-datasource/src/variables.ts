import { CustomVariableSupport, DataQueryRequest, DataQueryResponse } from '@grafana/data';
import { from, map, Observable } from 'rxjs';
import { VariableEditor } from './components/VariableEditor';
import { DataSource } from './datasource';
import { WeirVariableQuery } from './types';

/** Template variables: the values of a field and the names of what there is. */
export class Variables extends CustomVariableSupport<DataSource, WeirVariableQuery> {
  editor = VariableEditor;

  constructor(private datasource: DataSource) {
    super();
  }

  query(request: DataQueryRequest<WeirVariableQuery>): Observable<DataQueryResponse> {
    // refId and datasource are Grafana's
    const { refId: _refId, datasource: _datasource, ...query } = request.targets[0];
    return from(this.datasource.values(query, request.range, request.scopedVars)).pipe(map((data) => ({ data })));
  }
}
