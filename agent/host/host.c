#include "agent/host/host.h"

#include "agent/host/tree.h"
#include "common/address.h"
#include "common/file.h"
#include "common/shown.h"
#include "common/version.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define DISCARD_PORT 9 /* nothing is sent there */
#define RTC "/sys/class/rtc/rtc0/since_epoch"
#define ADJTIME "/etc/adjtime"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static bool
read_file(const char *root, const char *path, struct buf *text)
{
	char full[PATH_MAX];

	buf_reset(text);
	snprintf(full, sizeof(full), "%s%s", root, path);
	return file_read_plain(full, 0, text, NULL) == 0;
}

void
host_introduce(const char *root, const char *name, struct report *report)
{
	struct buf text = { .limit_bytes = 256 };
	char own[HOST_NAME_MAX + 1] = "unknown";
	uint64_t random = 0;

	if (!name) {
		gethostname(own, sizeof(own) - 1);
		name = own;
	}
	shown_copy(report->host, sizeof(report->host), name);
	shown_copy(report->agent_version, sizeof(report->agent_version), TIMETIER_VERSION);
	if (read_file(root, BOOT_ID, &text)) {
		text.data[strcspn(text.data, "\n")] = '\0';
	}
	shown_copy(report->boot_id, sizeof(report->boot_id), text.len ? buf_str(&text) : "unknown");
	while (getrandom(&random, sizeof(random), 0) < 0) {
	}
	snprintf(
	    report->session_id, sizeof(report->session_id), "%016llx", (unsigned long long)random);
	buf_free(&text);
}

bool
host_rtc_is_local(const char *root)
{
	struct buf text = { .limit_bytes = 4096 };
	bool local = read_file(root, ADJTIME, &text) && strstr(buf_str(&text), "LOCAL");

	buf_free(&text);
	return local;
}

int64_t
host_rtc_offset_ns(const char *root, int64_t real_ns)
{
	struct buf text = { .limit_bytes = 4096 };
	int64_t rtc_ns = INT64_MAX;
	bool local;
	char *end;
	long long seconds;

	local = host_rtc_is_local(root);
	if (!read_file(root, RTC, &text)) {
		buf_free(&text);
		return INT64_MAX;
	}
	seconds = strtoll(buf_str(&text), &end, 10);
	if (end != text.data && seconds >= 0 && seconds < INT64_MAX / NS_PER_S) {
		struct tm tm;
		time_t now = (time_t)(real_ns / NS_PER_S);

		/* the RTC tells whole seconds: half a second is the best guess of the rest */
		rtc_ns = seconds * NS_PER_S + NS_PER_S / 2 - real_ns;
		if (local && localtime_r(&now, &tm)) {
			rtc_ns -= tm.tm_gmtoff * NS_PER_S;
		}
	}
	buf_free(&text);
	return rtc_ns;
}

double
host_rate_ppm(void)
{
	struct timex timex = { .modes = 0 }; /* it only reads */

	return adjtimex(&timex) < 0 ? 0 : (double)timex.freq / 65536;
}

const char *
host_machine(const char *root)
{
	static const struct {
		const char *has, *name;
	} vendors[] = {
		{ "KVM", "KVM" },
		{ "OpenStack", "KVM" },
		{ "KubeVirt", "KVM" },
		{ "Amazon EC2", "Amazon" },
		{ "QEMU", "QEMU" },
		{ "VMware", "VMware" },
		{ "VMW", "VMware" },
		{ "innotek GmbH", "VirtualBox" },
		{ "VirtualBox", "VirtualBox" },
		{ "Oracle Corporation", "VirtualBox" },
		{ "Xen", "Xen" },
		{ "Bochs", "Bochs" },
		{ "Parallels", "Parallels" },
		{ "BHYVE", "bhyve" },
		{ "Hyper-V", "Hyper-V" },
		{ "Virtual Machine", "Hyper-V" },
		{ "Google Compute Engine", "Google" },
	};
	static const char *const files[] = { "/sys/class/dmi/id/product_name",
		"/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/board_vendor",
		"/sys/class/dmi/id/bios_vendor" };
	struct buf text = { .limit_bytes = 1 << 20 };
	const char *found = NULL, *flags;

	for (size_t i = 0; i < COUNT(files) && !found; i++) {
		for (size_t v = 0; read_file(root, files[i], &text) && v < COUNT(vendors); v++) {
			if (strncmp(buf_str(&text), vendors[v].has, strlen(vendors[v].has)) == 0) {
				found = vendors[v].name;
				break;
			}
		}
	}
	if (!found && read_file(root, "/proc/cpuinfo", &text) &&
	    (flags = strstr(buf_str(&text), "\nflags"))) {
		const char *flag = strstr(flags, " hypervisor");

		found = flag && flag < flags + 1 + strcspn(flags + 1, "\n") ? "unknown hypervisor"
									    : NULL;
	}
	buf_free(&text);
	return found;
}

bool
host_has_rtc(const char *root)
{
	static const char *const paths[] = { "/dev/rtc", "/dev/rtc0", "/dev/misc/rtc" };
	char path[PATH_MAX];
	struct stat info;

	for (size_t i = 0; i < COUNT(paths); i++) {
		snprintf(path, sizeof(path), "%s%s", root, paths[i]);
		if (stat(path, &info) == 0) {
			return true;
		}
	}
	return false;
}

int64_t
host_written_ns(const char *root, const char *path)
{
	char full[PATH_MAX];
	struct stat info;

	snprintf(full, sizeof(full), "%s%s", root, path);
	return stat(full, &info) < 0 ? 0 : info.st_mtim.tv_sec * NS_PER_S + info.st_mtim.tv_nsec;
}

bool
host_address_towards(const struct ip *ip, struct ip *own)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	bool found;
	int fd;

	ip_to_sockaddr(ip, DISCARD_PORT, &address);
	fd = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return false;
	}
	found = connect(fd, (struct sockaddr *)&address, len) == 0 &&
	    getsockname(fd, (struct sockaddr *)&address, &len) == 0 &&
	    ip_of_sockaddr((struct sockaddr *)&address, own);
	close(fd);
	return found;
}

bool
host_unit_runs(const char *root, const char *unit)
{
	char link[PATH_MAX];

	snprintf(link, sizeof(link), "/run/systemd/units/invocation:%s", unit);
	return !tree_is_there(root, "/run/systemd/units") || tree_is_listed(root, link);
}
