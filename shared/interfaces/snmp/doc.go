// Package snmp asks exporters for their interfaces (IF-MIB, RFC 2863): names, speeds, status and counters, by SNMP v2c or v3. It asks
// only those that the configuration gives credentials for, each at its interval, a bounded number at a time, with timeouts on
// every request and a bound on the size of every answer. Secrets may come from the environment or from files, which are read for every
// poll; they are never logged.
package snmp
