// Package model is what a panel, an alert rule or an annotation asks: the JSON of a query as Grafana stores it ([Query]), and how it
// becomes a question to the collector. The TypeScript types of the front end (src/types.generated.ts) are made of it.
package model
