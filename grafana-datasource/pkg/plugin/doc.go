// Package plugin is the backend of Grafana's data source: a handler for each of Grafana's calls, all of which ask one collector over its
// HTTP API.
package plugin
