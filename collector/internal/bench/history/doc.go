// Package history makes long histories of traffic for benchmarks: the load mix of make bench, laid over days with nights and weekends,
// as NetFlow v9 datagrams of eight exporters. [Generate] decodes them and writes records and sessions through the real store, whose
// clock it moves along, so that the folder is what a collector would have left; [Mix.Hour] gives the same datagrams to other
// collectors. A history is made of its seed: what was interrupted is taken up, and what is there is not made again.
package history
