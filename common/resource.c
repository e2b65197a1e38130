#include "common/resource.h"

#include <string.h>

const struct resource *
resource_find(const struct resource *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i].name, name) == 0) {
			return &list[i];
		}
	}
	return NULL;
}
