/*
 * RST, LEAP, DNS, CHR, NET, OPS: what is wrong with a host that no file of ours mends.  The judge
 * is in orchestrator/rollout/advice/.
 */
#include "orchestrator/lint/rule.h"

const struct lint_rule rules_host[] = {
	{ .id = "rtc-off",
	    .number = "RST016",
	    .where = JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "the hardware clock of a server is right, and keeps UTC",
	    .source = "hwclock(8); adjtime_config(5)",
	    .remedy = "`hwclock --systohc --utc`, and `timedatectl set-local-rtc 0` where "
		      "/etc/adjtime says LOCAL",
	    .why = "Before the network is there, a server that boots has nothing but its "
		   "hardware clock. With one that is an hour off, logs and certificates "
		   "are an hour off until the clock is set, and that jump is what this "
		   "site wants to see never. Local time also jumps twice a year, and "
		   "nobody can tell which of two hours it is." },
	{ .id = "leapfile-old",
	    .number = "LEAP004",
	    .where = JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "a server knows of the next leap second before it comes",
	    .source = "ntp.conf(5), leapfile; chrony.conf(5), leapsectz; IERS bulletin C",
	    .remedy = "upgrade tzdata; on Debian 13 and later, tzdata-legacy has the zone "
		      "right/UTC",
	    .why = "A list that has expired counts for nothing, and then the sources "
		   "alone announce a leap second. On 30 June 2015 some of the public "
		   "ones did not, and others announced one that did not come: who had no "
		   "list followed the wrong ones for a day." },
	{ .id = "resolver-unreadable",
	    .number = "DNS003",
	    .where = JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "the daemon can look up names also after its start",
	    .source = "glibc, resolv.conf(5); the daemons give up root at their start",
	    .remedy = "make the file readable for all: `chmod 644`, and the folders above "
		      "it",
	    .why = "The daemon gives up root before it looks up names. What root wrote "
		   "with a strict umask it cannot read then, and it says only \"Temporary "
		   "failure in name resolution\": its sources never come." },
	{ .id = "srv-sources",
	    .number = "DNS005",
	    .where = JUDGED_PLAN,
	    .severity = SEVERITY_NOTE,
	    .summary = "site.yaml has every source of a server",
	    .source = "chrony, chrony-dnssrv@.timer",
	    .remedy = "`systemctl disable --now` of that timer",
	    .why = "Whoever may change that DNS record, or forge its answer, adds "
		   "sources to the server, which nothing authenticates." },
	{ .id = "resolver-needs-time",
	    .number = "DNS004",
	    .where = JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "a server finds its sources also while its clock is wrong",
	    .source = "RFC 4035 section 5.3.1; RFC 7858; systemd-timesyncd's unit, which takes no "
		      "part in validation",
	    .remedy = "the addresses of three sources at least that publish them, or of servers of "
		      "your own; `timetier init` and the catalogue know some",
	    .why = "A signature holds from one day to another, and a certificate, too. A server "
		   "that wakes with its clock in the year 2000 finds every signature not valid "
		   "yet: no name is found, so no source, so no time. It stays like that until "
		   "somebody sets the clock by hand. The same happens after a power cut to a "
		   "resolver that waits for this server.",
	    .instead = "upstreams: [{name: ptb1, address: 192.53.103.108}]" },
	{ .id = "no-wait",
	    .number = "RST015",
	    .where = JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "what wants the right time at its start is not started before it",
	    .source = "systemd.special(7), time-sync.target; chronyc(1), waitsync; ntpwait(8)",
	    .remedy = "`systemctl enable chrony-wait.service`, of NTPsec ntpsec-wait.service, of "
		      "ntp 4.2.8 systemd-time-wait-sync.service; the first-set unit of a server "
		      "does it, too",
	    .why = "A database, a cluster manager or a billing job that says "
		   "After=time-sync.target means that the clock has been set. Without a unit "
		   "that waits, the target is reached when the daemon has been started, before "
		   "its first answer: the database writes with the time of the hardware clock, "
		   "and the clock is then set under it." },
	{ .id = "listens-everywhere",
	    .number = "NET002",
	    .where = JUDGED_PLAN,
	    .severity = SEVERITY_NOTE,
	    .summary = "a server answers at the addresses that site.yaml names",
	    .source = "chrony.conf(5), bindaddress, binddevice; ntp.conf(5), interface",
	    .remedy = "name the addresses in `address`, or `bindaddress` (chrony), `interface "
		      "ignore wildcard` and `interface listen` (ntpd) in your own template",
	    .why = "The daemon answers at every address of its host: at one of the network for "
		   "management, of a container bridge, of IPv6 that nobody asked for. What "
		   "`serve` allows holds there, too, but no firewall rule, monitor or audit "
		   "was written for it." },
	{ .id = "command-socket",
	    .number = "CHR006",
	    .where = JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "chronyd's command socket is in a folder of its own",
	    .source = "chrony, main.c: \"Wrong permissions on\"; chronyc(1)",
	    .remedy = "take away what changes the mode of /run/chrony, and restart chronyd",
	    .why = "chronyd makes no socket in a folder that others may enter, and says "
		   "so in one line of its log. chronyc then asks over the network, where "
		   "it may not do what an operator needs: `clients`, `authdata`, "
		   "`makestep`." },
	{ .id = "virtual-server",
	    .number = "NET004",
	    .where = JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "a server's clock is its own",
	    .source = "KVM, ptp_kvm; Hyper-V, hv_utils; RFC 8633 section 3.2",
	    .remedy = "a machine of its own, or at least two such in each tier; the clock "
		      "of the host as a device: `modprobe ptp_kvm`; a VM that is not moved "
		      "while it runs",
	    .why = "A guest does not run while its host does something else, and after "
		   "it was moved it goes on where it was: its clock then is behind by "
		   "what the move took, and at another rate. Several guests of one host "
		   "are one server, which no rule can see: ask who runs them. A "
		   "container has no clock at all." },
	{ .id = "old-daemon",
	    .number = "OPS001",
	    .where = JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "the daemon is one that somebody mends",
	    .source = "RFC 8633 section 3.1; security notices of chrony, ntp and NTPsec",
	    .remedy = "upgrade the package, or the release of the host",
	    .why = "A time daemon reads packets from anybody, and runs for years. What "
		   "is found in it is mended in the versions that live, and published "
		   "for those that do not." },
	{ .id = "one-shot-setter",
	    .number = "RST011",
	    .where = JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "no job sets the clock of a host beside its daemon",
	    .source = "RFC 8633 section 5.2; Debian's ntpsec-ntpdate",
	    .remedy = "take the script, hook or package away that plan names; `apply "
		      "--disable-rivals` switches units and hooks off",
	    .why = "ntpdate in a cron job, or in a hook of the network, steps the clock "
		   "to what one server says, without asking the daemon. The daemon then "
		   "takes the jump for an error of its own rate, and is wrong for an "
		   "hour." },
	{ .id = "two-masters",
	    .number = "RST013",
	    .where = JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "one program sets the clock of a host",
	    .source = "RFC 8633 section 5.2; open-vm-tools, Hyper-V and VirtualBox on time "
		      "synchronization",
	    .remedy = "`apply --disable-rivals`, or switch the time synchronization of the "
		      "hypervisor off for this guest",
	    .why = "Two programs that set one clock undo each other: it swings between "
		   "what both believe, and each reports that all is well. A hypervisor "
		   "that sets the clock of a paused guest steps it, whatever its daemon "
		   "was told." },
	{ .id = "cloud-init-ntp",
	    .number = "RST017",
	    .where = JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "cloud-init leaves the time daemon of a server alone",
	    .source = "cloud-init, module ntp",
	    .remedy = "take `ntp:` out of the user data of the instance",
	    .why = "cloud-init installs the daemon of its choice and writes its "
		   "configuration anew when it takes a machine for a new instance: after "
		   "a restore or a move, the server has the sources of the image." },
	{ .id = NULL },
};
