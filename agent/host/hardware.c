#include "agent/host/hardware.h"

#include "common/file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>

#define NS_PER_MICRO 1000
#define SENSORS_MAX 16
#define MILLI 1000.0
/* A reading outside of this is none of a processor that runs. */
#define COLDEST_C (-60.0)
#define HOTTEST_C 150.0

/* Where sensors stand: a file names each, and one has its thousandths of a degree. */
static const struct place {
	const char *folder; /* followed by a number */
	const char *name, *value;
	const char *const words[5]; /* how the names of those of the processor begin */
} places[] = {
	{ "/sys/class/hwmon/hwmon", "/name", "/temp1_input",
	    { "coretemp", "k10temp", "zenpower", "cpu" } },
	{ "/sys/class/thermal/thermal_zone", "/type", "/temp",
	    { "x86_pkg_temp", "cpu", "soc", "acpitz" } },
};

static bool
read_text(const char *root, const char *path, struct buf *text)
{
	char full[PATH_MAX];

	buf_reset(text);
	snprintf(full, sizeof(full), "%s%s", root, path);
	return file_read_plain(full, 0, text, NULL) == 0;
}

/* Returns the temperature; 0: it cannot be read. */
static double
degrees(const char *root, const char *path, struct buf *text)
{
	double value;

	if (!path[0] || !read_text(root, path, text)) {
		return 0;
	}
	value = strtod(buf_str(text), NULL) / MILLI;
	return value > COLDEST_C && value < HOTTEST_C ? value : 0;
}

/* Whether a sensor of that name, which stands at the begin of @text, measures the processor. */
static bool
is_processor(const struct place *place, const char *text)
{
	for (size_t i = 0; place->words[i]; i++) {
		if (strncmp(text, place->words[i], strlen(place->words[i])) == 0) {
			return true;
		}
	}
	return false;
}

/* Look among the sensors of @place for one of the processor. */
static bool
find_sensor(
    const char *root, const struct place *place, struct hardware *hardware, struct buf *text)
{
	char path[64];

	for (int i = 0; i < SENSORS_MAX; i++) {
		snprintf(path, sizeof(path), "%s%d%s", place->folder, i, place->name);
		if (!read_text(root, path, text) || !is_processor(place, buf_str(text))) {
			continue;
		}
		snprintf(hardware->path, sizeof(hardware->path), "%s%d%s", place->folder, i,
		    place->value);
		if (degrees(root, hardware->path, text) != 0) {
			return true;
		}
	}
	hardware->path[0] = '\0';
	return false;
}

static void
read_kernel(struct kernel_clock *kernel)
{
	struct timex timex = { .modes = 0 }; /* it only reads */

	memset(kernel, 0, sizeof(*kernel));
	if (adjtimex(&timex) >= 0) {
		kernel->told = true;
		kernel->flags = (unsigned)timex.status & 0xffff;
		kernel->max_error_ns = (int64_t)timex.maxerror * NS_PER_MICRO;
		kernel->estimated_error_ns = (int64_t)timex.esterror * NS_PER_MICRO;
	}
}

void
hardware_read(const char *root, struct hardware *hardware, struct report *report)
{
	struct buf text = { .limit_bytes = 4096 };

	if (!hardware->looked) {
		hardware->looked = true;
		for (size_t i = 0; i < COUNT(places); i++) {
			if (find_sensor(root, &places[i], hardware, &text)) {
				break;
			}
		}
	}
	read_kernel(&report->kernel);
	report->temperature_c = degrees(root, hardware->path, &text);
	buf_free(&text);
}
