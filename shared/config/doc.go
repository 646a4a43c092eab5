// Package config reads weir.yaml, the one schema of all packagings: strictly, and telling every error at once with line, column
// and a hint.
//
// The schema is a table (see schema): a row a key, with its documentation, default and reader. The reference page is generated
// from it, and the embedded example (see [Example]) is held against it. Values are checked for what can be known without the
// component they are for; the packages of the components have a Config of their own, which their owner fills from this one.
package config
