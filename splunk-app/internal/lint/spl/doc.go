// Package spl reads searches in Splunk's language as far as that tells mistakes without Splunk: quotes, brackets and pipes, the names of commands and
// functions, macros with their number of arguments, and which fields a search takes that no event has and no command before has made.
//
// It is no implementation of the language: what it does not know of a command, it does not judge.
package spl
