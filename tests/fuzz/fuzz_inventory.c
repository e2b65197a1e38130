/* A file that is said to be of `ansible-inventory --list`: hosts with sound files, or it is
 * refused. */
#include "orchestrator/import/variables.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct import import = { .host_count = 0 };
	int fd = memfd_create("inventory", 0);
	struct import_host *hosts;
	struct error err = { "" };
	char path[64];
	size_t count;

	assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (import_inventory(&import, path, &hosts, &count, &err) == 0) {
		assert(count > 0);
		for (size_t i = 0; i < count; i++) {
			for (size_t k = 0; k < hosts[i].files.count; k++) {
				const struct file_entry *file = &hosts[i].files.list[k];

				assert(file->path[0] == '/' && strlen(file->content) == file->len);
			}
			import_read_host(&import.arena, &hosts[i]);
		}
	} else {
		assert(err.text[0]);
	}
	import_free(&import);
	close(fd);
	return 0;
}
