/*
 * Commands: finding the one that a message names.
 */
#include <lwlink/link.h>

const struct lwl_command *lwl_command_find(const void **table, const struct lwl_interface *interface,
					   const void *ops, uint16_t command)
{
	uint32_t number = command % 256, i;

	if (command / 256 == interface->id) {
		*table = ops;
		return number < interface->command_count && interface->commands[number].name != NULL
			       ? &interface->commands[number] : NULL;
	}
	/* A schema's uses form no cycle, and an id means one interface among all of them. */
	for (i = 0; i < interface->use_count; i++) {
		const struct lwl_use *use = &interface->uses[i];
		const struct lwl_command *found;
		const void *used = NULL;

		if (ops != NULL)
			memcpy(&used, (const uint8_t *)ops + use->ops_offset, sizeof used);
		found = lwl_command_find(table, use->interface, used, command);
		if (found != NULL)
			return found;
	}
	return NULL;
}
