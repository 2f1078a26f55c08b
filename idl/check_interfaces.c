/* Interfaces: commands, their numbers, and what `use` brings together. */
#include "check.h"

#include <string.h>

#include "arena.h"

enum { MAX_INTERFACE_ID = 127, MAX_COMMAND = 255 };

/* The protocol's own library has the numbers 0, of PAD and of the link's own interface. */
static bool is_link_library(const struct unit *unit)
{
	return strcmp(unit->library->c.name, "lwlink.link") == 0;
}

static bool is_in_range(const struct ast_value *number, uint64_t min, uint64_t max)
{
	return !number->negative && number->integer >= min && number->integer <= max;
}

static const struct group *build_message(struct checker *c, struct unit *unit,
					 const struct command *command, const char *name,
					 const struct ast_item *items)
{
	struct checked_group *message = check_add_group(c, unit, items);

	message->group.c.name = name;
	message->group.c.where = command->c.where;
	message->group.command = command;
	return &message->group;
}

static void build_command(struct checker *c, struct unit *unit, const struct interface *interface,
			  const struct ast_item *item, struct command *command)
{
	command->c = check_common(c, unit, item->name, &item->notes);
	command->interface = interface;
	command->number = (uint8_t)item->number->integer;
	command->is_oneway = item->kind == AST_ONEWAY;
	command->is_replay_safe = item->notes.replay_safe.source != NULL;
	command->request = build_message(c, unit, command, "request", item->request);
	if (!command->is_oneway)
		command->response = build_message(c, unit, command, "response", item->response);
}

static struct command_name *intern_name(struct checker *c, const char *text)
{
	struct command_name *name;

	HASH_FIND_STR(c->command_names, text, name);
	if (!name) {
		name = arena_alloc(c->arena, sizeof *name);
		name->text = text;
		HASH_ADD_KEYPTR(hh, c->command_names, name->text, strlen(name->text), name);
	}
	return name;
}

static bool is_command(const struct ast_item *item)
{
	return item->kind == AST_COMMAND || item->kind == AST_ONEWAY;
}

static void build_interface(struct checker *c, struct unit *unit, struct symbol *symbol)
{
	uint64_t least = is_link_library(unit) ? 0 : 1;
	const struct number_rules rules = {
		.noun = "command number", .duplicate = DIAG_DUPLICATE_NUMBER, .min = least,
		.max = MAX_COMMAND, .has_next_free = true
	};
	struct checked_interface *checked = symbol->interface;
	const struct ast_value *id = symbol->ast->value;
	struct command *commands;
	struct used_number *used;
	size_t count = 0, used_count = 0, kept = 0;

	if (is_in_range(id, least, MAX_INTERFACE_ID)) {
		checked->interface.id = (uint8_t)id->integer;
	} else {
		diag_error(c->diagnostics, DIAG_INTERFACE_ID, id->where,
			   "an interface's id is from %u to %d", (unsigned)least, MAX_INTERFACE_ID);
		checked->is_broken = true;
	}

	check_names(c, symbol->ast->items, "command");
	for (const struct ast_item *item = symbol->ast->items; item; item = item->next)
		count += is_command(item);
	used = check_scratch(&c->numbers, count, sizeof *used);
	for (const struct ast_item *item = symbol->ast->items; item; item = item->next) {
		if (!is_command(item))
			continue;
		if (is_in_range(item->number, least, MAX_COMMAND))
			used[used_count++] = (struct used_number){ item->number->integer, item,
								   item->number->where };
		else
			diag_error(c->diagnostics, DIAG_COMMAND_NUMBER, item->number->where,
				   "a command's number is from %u to %d", (unsigned)least, MAX_COMMAND);
	}
	check_numbers(c, symbol->ast->items, &rules, used, used_count);

	commands = arena_array(c->arena, count, sizeof *commands);
	for (size_t i = 0; i < used_count; i++)
		build_command(c, unit, &checked->interface, used[i].item, &commands[kept++]);
	/* The messages of those whose number is wrong are worth a look, too. */
	for (const struct ast_item *item = symbol->ast->items; item; item = item->next) {
		if (is_command(item) && !is_in_range(item->number, least, MAX_COMMAND))
			build_command(c, unit, &checked->interface, item, &commands[kept++]);
	}
	checked->interface.commands = commands;
	checked->interface.command_count = count;
	checked->names = arena_array(c->arena, count, sizeof *checked->names);
	for (size_t i = 0; i < count; i++)
		checked->names[i] = intern_name(c, commands[i].c.name);
}

void check_commands(struct checker *c, struct unit *unit)
{
	for (size_t i = 0; i < unit->symbol_count; i++) {
		if (unit->symbols[i].ast->kind == AST_INTERFACE)
			build_interface(c, unit, &unit->symbols[i]);
	}
}

/* ---- use ---- */

/* What an interface names by `use`, and an edge to each interface of the same library among it. */
static void resolve_uses(struct checker *c, struct unit *unit, struct symbol *symbol,
			 struct graph *graph)
{
	struct checked_interface *checked = symbol->interface;
	const struct interface **uses;
	size_t count = 0;

	for (const struct ast_item *item = symbol->ast->items; item; item = item->next)
		count += item->kind == AST_USE;
	uses = arena_array(c->arena, count, sizeof *uses);
	checked->use_items = arena_array(c->arena, count, sizeof *checked->use_items);
	checked->interface.uses = uses;
	for (const struct ast_item *item = symbol->ast->items; item; item = item->next) {
		struct checked_interface *used;
		struct symbol *named;

		if (item->kind != AST_USE)
			continue;
		named = check_lookup(c, unit, &item->path, 1 << AST_INTERFACE, "interface");
		if (!named) {
			checked->is_broken = true;
			continue;
		}
		used = named->interface;
		if (used->user == &checked->interface) {
			struct diag *report = diag_error(c->diagnostics, DIAG_USE_TWICE, item->path.where,
							 "'%s' already uses '%s'", symbol->name, named->name);

			diag_note(c->diagnostics, report, used->used_at->path.where, "here");
			continue;
		}
		used->user = &checked->interface;
		used->used_at = item;
		checked->use_items[checked->interface.use_count] = item;
		uses[checked->interface.use_count++] = &used->interface;
		if (named->unit == unit)
			graph_add(graph, symbol->index, named->index, item->path.where);
	}
}

static void report_use_cycle(struct checker *c, const struct graph *graph, uint32_t component,
			     struct symbol *const *symbols)
{
	uint32_t first = UINT32_MAX;
	struct diag *report;

	for (uint32_t i = graph->start[component]; i < graph->start[component + 1]; i++) {
		uint32_t node = graph->order[i];

		symbols[node]->interface->is_broken = true;
		first = node < first ? node : first;
	}
	report = diag_error(c->diagnostics, DIAG_USE_CYCLE, symbols[first]->ast->name.where,
			    "interface '%s' uses itself", symbols[first]->name);
	check_cycle_notes(c, report, graph, first, "uses");
}

struct closure {
	struct checked_interface *owner;
	const struct interface *by_id[MAX_INTERFACE_ID + 1];
	const struct interface *all[MAX_INTERFACE_ID + 1];
	size_t count;
};

static void report_two_commands(struct checker *c, const struct closure *closure,
				struct location where, const struct command *one,
				const struct command *other)
{
	struct diag *report = diag_error(c->diagnostics, DIAG_USED_NAME, where,
					 "'%s' would have two commands named '%s'",
					 closure->owner->interface.c.name, one->c.name);

	diag_note(c->diagnostics, report, one->c.where, "one, of '%s'", one->interface->c.name);
	diag_note(c->diagnostics, report, other->c.where, "the other, of '%s'",
		  other->interface->c.name);
}

/* Take one interface into a closure; `where` tells how it comes into it. */
static bool add_to_closure(struct checker *c, struct closure *closure,
			   const struct interface *added, struct location where)
{
	const struct checked_interface *checked = (const struct checked_interface *)added;
	const struct interface *other = closure->by_id[added->id];

	if (other == added)
		return true;
	if (other) {
		struct diag *report = diag_error(c->diagnostics, DIAG_USED_ID, where,
						 "'%s' would have two interfaces with the id %u",
						 closure->owner->interface.c.name, (unsigned)added->id);

		diag_note(c->diagnostics, report, other->c.where, "one is '%s'", other->c.name);
		diag_note(c->diagnostics, report, added->c.where, "the other is '%s'", added->c.name);
		closure->owner->is_broken = true;
		return false;
	}
	closure->by_id[added->id] = added;
	closure->all[closure->count++] = added;
	for (size_t i = 0; i < added->command_count; i++) {
		struct command_name *name = checked->names[i];

		/* Two of one name in one interface have been reported there. */
		if (name->holder == &closure->owner->interface && name->command->interface != added) {
			report_two_commands(c, closure, where, name->command, &added->commands[i]);
			closure->owner->is_broken = true;
		}
		name->holder = &closure->owner->interface;
		name->command = &added->commands[i];
	}
	return true;
}

static void build_closure(struct checker *c, struct checked_interface *owner)
{
	struct closure closure = { .owner = owner };
	const struct interface **all;

	if (!owner->is_broken)
		add_to_closure(c, &closure, &owner->interface, owner->interface.c.where);
	for (size_t i = 0; i < owner->interface.use_count; i++) {
		const struct checked_interface *used =
			(const struct checked_interface *)owner->interface.uses[i];

		if (used->is_broken || closure.count == 0) {
			owner->is_broken = true;
			continue;
		}
		for (size_t k = 0; k < used->interface.closure_count; k++) {
			if (!add_to_closure(c, &closure, used->interface.closure[k],
					    owner->use_items[i]->path.where))
				break;
		}
	}
	all = arena_array(c->arena, closure.count, sizeof *all);
	if (closure.count)
		memcpy(all, closure.all, closure.count * sizeof *all);
	owner->interface.closure = all;
	owner->interface.closure_count = closure.count;
}

void check_uses(struct checker *c, struct unit *unit)
{
	struct symbol **symbols;
	struct graph *graph;
	size_t count = 0;

	for (size_t i = 0; i < unit->symbol_count; i++)
		count += unit->symbols[i].ast->kind == AST_INTERFACE;
	symbols = arena_array(c->arena, count, sizeof *symbols);
	graph = graph_new(c->arena, count);
	for (size_t i = 0; i < unit->symbol_count; i++) {
		struct symbol *symbol = &unit->symbols[i];

		if (symbol->ast->kind != AST_INTERFACE)
			continue;
		symbols[symbol->index] = symbol;
		graph->names[symbol->index] = arena_printf(c->arena, "'%s'", symbol->name);
		resolve_uses(c, unit, symbol, graph);
	}
	graph_components(graph);
	for (uint32_t i = 0; i < graph->component_count; i++) {
		if (graph_is_cyclic(graph, i))
			report_use_cycle(c, graph, i, symbols);
	}
	for (uint32_t i = 0; i < graph->node_count; i++)
		build_closure(c, symbols[graph->order[i]]->interface);
}
