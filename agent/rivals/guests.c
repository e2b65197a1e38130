/*
 * Hypervisors set a guest's clock through helpers in the guest.  QEMU's guest agent is no rival: it
 * sets the clock only when an administrator of the hypervisor says so.
 */
#include "agent/rivals/list.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FILE_BYTES 65536
#define TOOLS_CONF "/etc/vmware-tools/tools.conf"
#define HV_UTILS "/sys/bus/vmbus/drivers/hv_utils"
/* Source: Linux, include/linux/hyperv.h, HV_TS_GUID */
#define HV_TIME_SYNC "{9527e630-d0ae-497b-adce-e80ab0175caf}"

/*
 * Whether [timeSync] has disable-all=true.  Source: open-vm-tools 12.2, services/plugins/timeSync.
 */
static bool
is_disabled_in_tools(const char *root)
{
	struct buf text = { .limit_bytes = FILE_BYTES };
	bool in_section = false, disabled = false;
	char *rest, *line;

	if (tree_read(root, TOOLS_CONF, &text, NULL) == TREE_READ) {
		rest = text.data;
		while (rest && (line = strsep(&rest, "\n"))) {
			char value[8] = "";

			line += strspn(line, " \t");
			if (line[0] == '[') {
				in_section = strncasecmp(line, "[timeSync]", 10) == 0;
			} else if (in_section &&
			    sscanf(line, "disable-all%*[ \t=]%7s", value) == 1) {
				disabled = strcasecmp(value, "true") == 0;
			}
		}
	}
	buf_free(&text);
	return disabled;
}

static void
find_vmware(struct rivals_list *list)
{
	const struct process *process = process_find(list->of->processes, "vmtoolsd");

	if (process && !process->proven) {
		rivals_add_unproven(list, process);
	} else if (process && !is_disabled_in_tools(list->root)) {
		rivals_add(list,
		    "vmtoolsd, which sets it when it starts and when the machine resumes "
		    "([timeSync] disable-all=true in " TOOLS_CONF ")");
	}
}

static void
find_virtualbox(struct rivals_list *list)
{
	const struct process *process = process_find(list->of->processes, "VBoxService");
	struct buf options = { .limit_bytes = FILE_BYTES };

	if (process && !process->proven) {
		rivals_add_unproven(list, process);
	} else if (process &&
	    !(process_options(list->root, process, &options) &&
		strstr(buf_str(&options), "--disable-timesync"))) {
		rivals_add(list, "VBoxService (start it with --disable-timesync)");
	}
	buf_free(&options);
}

/* Add Hyper-V's time synchronization when its channel is bound to the driver hv_utils. */
static void
find_hyperv(struct rivals_list *list)
{
	const char *const *names;
	size_t count = tree_names(list->root, HV_UTILS, "", &list->arena, &names);

	for (size_t i = 0; i < count; i++) {
		struct buf text = { .limit_bytes = 256 };
		const char *path = arena_printf(&list->arena, HV_UTILS "/%s/class_id", names[i]);

		if (tree_read(list->root, path, &text, NULL) == TREE_READ &&
		    strncasecmp(buf_str(&text), HV_TIME_SYNC, strlen(HV_TIME_SYNC)) == 0) {
			rivals_add(list,
			    "Hyper-V's time synchronization, by hv_utils, when the machine resumes "
			    "(echo %s >" HV_UTILS "/unbind)",
			    names[i]);
		}
		buf_free(&text);
	}
}

void
rivals_find_guests(struct rivals_list *list)
{
	find_vmware(list);
	find_virtualbox(list);
	find_hyperv(list);
}
