// Package pack makes the packages that Splunk installs of the source trees below app: gzipped tar archives with one folder at the top, named
// after the app, whose executables are executable. The same sources give the same bytes, whoever builds them and when.
//
// Splunk takes nothing else: a path that begins with a dot, a hidden file or a folder named local makes its checks refuse a package.
package pack
