// Package lint finds in packages for Splunk what Splunk's own checks do not see and Splunk does not say either: it runs a search with a misspelled
// field and finds nothing, and leaves out an input whose executable cannot be started. Executables in the archive, the names of the input's scheme,
// lookups, macros, navigation, regular expressions, searches with the fields that they take, dashboards with their tokens and data sources.
package lint
