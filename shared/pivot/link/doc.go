// Package link joins pivots to the question model, both ways: alerts are answered with their links into other tools, and the addresses by
// which other tools link to alerts become questions.
package link
