package quality

const pageHead = `# How well it detects

` + "`make eval`" + ` writes this page. It generates labeled traffic ([generator.md](generator.md)), plays it through the whole pipeline and compares
the alerts with the truth. Score your own: ` + "`weir eval DIR`" + ` takes any folder with traffic.pcap (or traffic.jsonl of canonical records),
weir.yaml and truth.jsonl.

- **Truth** are attacks at one and a half times the detector's threshold and above, among tough negatives: backups, uploads, calls, scanners
  with a role, robots with an old password, dead servers, peer-to-peer users, backscatter. Weaker attacks count neither way.
- **Found**: an alert of severity low or above, of the same detector, on the same actor or victim, at the same time.
- **False**: an alert that is neither that, nor of the same family on a host under attack at the time, nor allowed on what it is about.
- **Time to detect** runs from the first packet of the attack, exporters' active timeout of 60 s and inactive timeout of 15 s included: a
  record says nothing before it is exported. Slow password guessing takes its time to become thirty attempts.
- Generated traffic and detectors are by the same hands. The figures tell that nothing has broken, and how detectors compare with each
  other and over sampling intervals; on other networks they will be lower.
`

const pageSeeds = `
Seeds up to %d are for tuning; this page is about seeds %s, which no threshold was chosen on.

At 1:N attacks that can hardly be seen stay in the truth, so recall falls with N where [sampling.md](sampling.md) says that a detector
degrades or is off; only floods are made larger, so that they can be seen at all.
`

const pageTail = `
Rows without truth are detectors that reported something all the same. ` + "`brute.*` and `dos.reflection.*`" + ` sum up the rows of their services.
`
