// Package studio shows the app's dashboards with Splunk's own components in a headless Chromium, before a small splunkd that answers their searches from
// events in memory ([search]). It is for tests: they see what a reader sees, and what the dashboards ask for.
package studio
