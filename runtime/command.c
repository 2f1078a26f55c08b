/*
 * Commands: finding the one that a message names.
 */
#include <lwlink/link.h>

enum { INTERFACES = 128 };		/* that have ids of their own */

static const struct lwl_command *find_own(const struct lwl_interface *interface, uint32_t number)
{
	return number < interface->command_count && interface->commands[number].name != NULL
		       ? &interface->commands[number] : NULL;
}

/* The table of functions of the interface number `wanted`, along any way on which none is missing. */
static const void *find_table(const struct lwl_interface *interface, const void *ops, uint8_t wanted)
{
	const void *tables[INTERFACES] = { ops };
	bool found = true;
	uint32_t i;

	while (found && tables[wanted] == NULL) {
		found = false;
		for (i = 0; i < interface->use_count; i++) {
			const struct lwl_use *use = &interface->uses[i];

			if (tables[use->from] == NULL || tables[use->to] != NULL)
				continue;
			memcpy(&tables[use->to], (const uint8_t *)tables[use->from] + use->ops_offset,
			       sizeof tables[0]);
			found = found || tables[use->to] != NULL;
		}
	}
	return tables[wanted];
}

const struct lwl_command *lwl_command_find(const void **table, const struct lwl_interface *interface,
					   const void *ops, uint16_t command)
{
	uint32_t i;

	*table = ops;
	if (command / 256 == interface->id)
		return find_own(interface, command % 256);
	/* An id means one interface among all that can be reached. */
	for (i = 0; i < interface->use_count; i++) {
		const struct lwl_use *use = &interface->uses[i];

		if (use->interface->id == command / 256) {
			*table = find_table(interface, ops, use->to);
			return find_own(use->interface, command % 256);
		}
	}
	return NULL;
}
