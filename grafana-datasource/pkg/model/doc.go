// Package model is what a panel, an alert rule or an annotation asks: the JSON of a query as Grafana stores it ([Query]), and how it
// becomes a question to the collector. The TypeScript types of the front end (src/types.generated.ts) are made of it.
//
// Editors and variables ask resources of the data source (CallResource), all with JSON:
//
//	GET  fields     -> [FieldInfo]        the fields of the filter language
//	POST variable   VariableQuery -> [VariableValue]
//	POST complete   CompleteRequest -> CompleteAnswer
//	POST parse      ParseRequest -> ParseAnswer        where a filter is wrong; what a builder shows of it
//	POST build      BuildRequest -> ParseAnswer        the filter of a builder
//	POST translate  TranslateRequest -> TranslateAnswer
//	GET  pivots     -> [query.PivotTemplate]
//	POST pivots     PivotRequest -> [flow.AlertPivot]
//
// What is wrong with a request is answered with the status 400 and a [Failure].
package model
