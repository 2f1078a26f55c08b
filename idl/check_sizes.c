/*
 * What needs the whole program: which groups have a finite value, which lead back to themselves, in
 * what order they depend on each other, how deep messages nest, and how large they get.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "layout.h"

enum { MAX_NAMED_FIELDS = 3 };

static struct checked_group *checked_of(const struct group *group)
{
	return (struct checked_group *)(uintptr_t)group;
}

static bool holds_group(const struct type *type)
{
	return type->kind == TYPE_GROUP || type->kind == TYPE_UNION;
}

/* The declared group or the message that a union is written in. */
static const struct group *owner_of(const struct group *group)
{
	while (group->is_union)
		group = group->parent;
	return group;
}

/* "'Attr'", "the union in 'Attr'", "Node.lookup.request" */
static const char *describe(struct checker *c, const struct group *group)
{
	const struct group *owner = owner_of(group);
	const char *name;

	if (owner->command && owner->command->is_oneway)
		name = arena_printf(c->arena, "%s.%s", owner->command->interface->c.name,
				    owner->command->c.name);
	else if (owner->command)
		name = arena_printf(c->arena, "%s.%s.%s", owner->command->interface->c.name,
				    owner->command->c.name, owner->c.name);
	else
		name = arena_printf(c->arena, "'%s'", owner->c.name);
	return group->is_union ? arena_printf(c->arena, "the union in %s", name) : name;
}

/* ---- finite values ---- */

/* A field without which its group cannot be. */
static bool is_needed(const struct group *group, const struct field *field)
{
	return holds_group(&field->type) && (group->is_union || field->presence == PRESENCE_REQUIRED);
}

struct finite_search {
	bool *is_finite;
	uint32_t *missing;		/* needed fields that are not known to be finite */
	uint32_t *queue, queue_length;
};

static void now_finite(struct finite_search *s, uint32_t index)
{
	if (s->is_finite[index])
		return;
	s->is_finite[index] = true;
	s->queue[s->queue_length++] = index;
}

/*
 * Who needs whom, with the edges turned round: users[first[i]] .. users[first[i + 1] - 1] need
 * group i.  `first` has room for two more than there are groups.
 */
static uint32_t *reverse_needs(struct checker *c, uint32_t *first, struct finite_search *s)
{
	uint32_t *users, total = 0;

	for (size_t i = 0; i < c->group_count; i++) {
		const struct group *group = &c->groups[i]->group;

		for (size_t k = 0; k < group->field_count; k++) {
			if (!is_needed(group, &group->fields[k]))
				continue;
			s->missing[i]++;
			first[checked_of(group->fields[k].type.group)->index + 2]++;
			total++;
		}
	}
	for (size_t i = 0; i < c->group_count; i++)
		first[i + 2] += first[i + 1];
	users = arena_array(c->arena, total, sizeof *users);
	/* Until it is full, the place of the next user of i is kept in first[i + 1]. */
	for (size_t i = 0; i < c->group_count; i++) {
		const struct group *group = &c->groups[i]->group;

		for (size_t k = 0; k < group->field_count; k++) {
			if (is_needed(group, &group->fields[k]))
				users[first[checked_of(group->fields[k].type.group)->index + 1]++] =
					(uint32_t)i;
		}
	}
	return users;
}

static bool is_finite_by_itself(const struct checked_group *checked, uint32_t missing)
{
	const struct group *group = &checked->group;

	/* What was left out of a union may have been its finite member. */
	return missing == 0 || (group->is_union &&
				(missing < group->field_count || checked->is_incomplete));
}

/* Which groups have a finite value, as far as is known; one report for each cycle that has none. */
static bool *find_finite(struct checker *c)
{
	size_t count = c->group_count;
	struct finite_search s = {
		.is_finite = arena_array(c->arena, count, sizeof(bool)),
		.missing = arena_array(c->arena, count, sizeof(uint32_t)),
		.queue = arena_array(c->arena, count, sizeof(uint32_t)),
	};
	uint32_t *first = arena_array(c->arena, count + 2, sizeof *first);
	const uint32_t *users = reverse_needs(c, first, &s);

	for (size_t i = 0; i < count; i++) {
		if (is_finite_by_itself(c->groups[i], s.missing[i]))
			now_finite(&s, (uint32_t)i);
	}
	for (uint32_t head = 0; head < s.queue_length; head++) {
		uint32_t index = s.queue[head];

		for (uint32_t k = first[index]; k < first[index + 1]; k++) {
			if (--s.missing[users[k]] == 0 || c->groups[users[k]]->group.is_union)
				now_finite(&s, users[k]);
		}
	}
	return s.is_finite;
}

static void report_endless(struct checker *c, const bool *is_finite)
{
	struct graph *graph = graph_new(c->arena, c->group_count);

	for (uint32_t i = 0; i < graph->node_count; i++) {
		const struct group *group = &c->groups[i]->group;

		for (size_t k = 0; !is_finite[i] && k < group->field_count; k++) {
			const struct field *field = &group->fields[k];

			if (is_needed(group, field) && !is_finite[checked_of(field->type.group)->index])
				graph_add(graph, i, checked_of(field->type.group)->index, field->c.where);
		}
	}
	graph_components(graph);
	for (uint32_t i = 0; i < graph->component_count; i++) {
		uint32_t first = UINT32_MAX;
		struct diag *report;

		if (!graph_is_cyclic(graph, i))
			continue;
		/* A cycle passes through a declared group: a union has only its own place. */
		for (uint32_t k = graph->start[i]; k < graph->start[i + 1]; k++) {
			uint32_t node = graph->order[k];

			graph->names[node] = describe(c, &c->groups[node]->group);
			if (!c->groups[node]->group.is_union && node < first)
				first = node;
		}
		report = diag_error(c->diagnostics, DIAG_ENDLESS, c->groups[first]->group.c.where,
				    "no value of group %s is finite", graph->names[first]);
		check_cycle_notes(c, report, graph, first, "requires");
		diag_help(c->diagnostics, report,
			  "make a field on this path optional, or a list that may be empty");
	}
}

/* ---- recursion and order ---- */

/* Declared groups and messages, each with the unions written in it, as one node. */
struct owners {
	struct graph *graph;
	uint32_t *node;			/* of each group of the program, its owner's */
	uint32_t *owner;		/* of each node, its index in checker.groups */
	uint32_t *first, *unions;	/* of each node, the unions written in it, outer ones first */
};

static struct owners collect_owners(struct checker *c)
{
	size_t count = c->group_count;
	struct owners o = {
		.node = arena_array(c->arena, count, sizeof(uint32_t)),
		.owner = arena_array(c->arena, count, sizeof(uint32_t)),
		.first = arena_array(c->arena, count + 2, sizeof(uint32_t)),
		.unions = arena_array(c->arena, count, sizeof(uint32_t)),
	};
	uint32_t nodes = 0;

	/* A union is added after the group it is written in, so its owner's node is known. */
	for (size_t i = 0; i < count; i++) {
		const struct group *group = &c->groups[i]->group;

		if (group->is_union) {
			o.node[i] = o.node[checked_of(group->parent)->index];
			o.first[o.node[i] + 2]++;
		} else {
			o.node[i] = nodes;
			o.owner[nodes++] = (uint32_t)i;
		}
	}
	for (uint32_t n = 0; n < nodes; n++)
		o.first[n + 2] += o.first[n + 1];
	for (size_t i = 0; i < count; i++) {
		if (c->groups[i]->group.is_union)
			o.unions[o.first[o.node[i] + 1]++] = (uint32_t)i;
	}
	o.graph = graph_new(c->arena, nodes);
	return o;
}

static void add_owner_edges(struct checker *c, const struct owners *o, uint32_t node,
			    uint32_t index)
{
	const struct group *group = &c->groups[index]->group;

	for (size_t k = 0; k < group->field_count; k++) {
		const struct field *field = &group->fields[k];

		if (field->type.kind == TYPE_GROUP)
			graph_add(o->graph, node, o->node[checked_of(field->type.group)->index],
				  field->c.where);
	}
}

static void mark_cycles(struct checker *c, const struct owners *o)
{
	const uint32_t *component = o->graph->component;

	for (size_t i = 0; i < c->group_count; i++) {
		const struct group *group = &c->groups[i]->group;

		for (size_t k = 0; k < group->field_count; k++) {
			struct field *field = (struct field *)(uintptr_t)&group->fields[k];

			if (field->type.kind != TYPE_GROUP)
				continue;
			field->on_cycle = component[o->node[i]] ==
					  component[o->node[checked_of(field->type.group)->index]];
		}
	}
}

/* Each library's groups, what is contained before what contains it. */
static void order_groups(struct checker *c, const struct owners *o)
{
	for (size_t i = 0; i < c->group_count; i++) {
		const struct group *group = &c->groups[i]->group;

		if (!group->command)
			((struct library *)(uintptr_t)group->library)->group_count++;
	}
	for (size_t i = 0; i < c->unit_count; i++) {
		struct library *library = c->units[i]->library;

		library->groups = arena_array(c->arena, library->group_count, sizeof *library->groups);
		library->group_count = 0;
	}
	for (uint32_t i = 0; i < o->graph->node_count; i++) {
		uint32_t node = o->graph->order[i];
		const struct group *owner = &c->groups[o->owner[node]]->group;
		struct library *library = (struct library *)(uintptr_t)owner->library;
		const struct group **groups = (const struct group **)(uintptr_t)library->groups;

		/* Inner unions were found after outer ones. */
		for (uint32_t k = o->first[node + 1]; k-- > o->first[node];)
			groups[library->group_count++] = &c->groups[o->unions[k]]->group;
		if (!owner->command)
			groups[library->group_count++] = owner;
	}
}

static void find_recursion(struct checker *c)
{
	struct owners o = collect_owners(c);

	for (uint32_t node = 0; node < o.graph->node_count; node++) {
		add_owner_edges(c, &o, node, o.owner[node]);
		for (uint32_t k = o.first[node]; k < o.first[node + 1]; k++)
			add_owner_edges(c, &o, node, o.unions[k]);
	}
	graph_components(o.graph);
	mark_cycles(c, &o);
	order_groups(c, &o);
}

/* ---- depth ---- */

/*
 * Groups and unions as they nest.  Inside a component, which is where recursion happens, nesting
 * counts as one level: the schema allows more, but no message needs it.
 */
struct nesting {
	struct graph *graph;
	uint16_t *too_deep;		/* of a component, bit d: entered at depth d something has no room */
	bool *is_endless;		/* of a component: holds or reaches what has no finite value */
	bool *is_reported;		/* of a component */
};

static struct group *target_of(const struct checker *c, const struct graph_edge *edge)
{
	return &c->groups[edge->to]->group;
}

/* Whether an edge that leaves its component at depth `depth` leads to trouble. */
static bool is_edge_too_deep(const struct checker *c, const struct nesting *n,
			     const struct graph_edge *edge, unsigned depth)
{
	uint32_t to = n->graph->component[edge->to];

	if (to == n->graph->component[edge->from])
		return false;
	return depth == MAX_DEPTH || !target_of(c, edge)->possible[depth + 1] ||
	       n->too_deep[to] >> (depth + 1) & 1;
}

static struct nesting find_nesting(struct checker *c, const bool *is_finite)
{
	struct nesting n = { .graph = graph_new(c->arena, c->group_count) };
	struct graph *graph = n.graph;

	for (uint32_t i = 0; i < graph->node_count; i++) {
		const struct group *group = &c->groups[i]->group;

		for (size_t k = 0; k < group->field_count; k++) {
			const struct field *field = &group->fields[k];

			if (holds_group(&field->type))
				graph_add(graph, i, checked_of(field->type.group)->index, field->c.where);
		}
	}
	graph_components(graph);
	n.too_deep = arena_array(c->arena, graph->component_count, sizeof *n.too_deep);
	n.is_endless = arena_array(c->arena, graph->component_count, sizeof *n.is_endless);
	n.is_reported = arena_array(c->arena, graph->component_count, sizeof *n.is_reported);
	/* A component comes after those that it leads to. */
	for (uint32_t i = 0; i < graph->node_count; i++) {
		uint32_t node = graph->order[i], component = graph->component[node];

		if (!is_finite[node])
			n.is_endless[component] = true;
		for (uint32_t k = graph->first[node]; k < graph->first[node + 1]; k++) {
			const struct graph_edge *edge = &graph->edges[k];

			if (n.is_endless[graph->component[edge->to]])
				n.is_endless[component] = true;
			for (unsigned depth = 0; depth <= MAX_DEPTH; depth++) {
				if (is_edge_too_deep(c, &n, edge, depth))
					n.too_deep[component] |= (uint16_t)(1 << depth);
			}
		}
	}
	return n;
}

/* An edge that leads from `component`, entered at `depth`, to what has no room, or NULL. */
static const struct graph_edge *find_deep_edge(const struct checker *c, const struct nesting *n,
					       uint32_t component, unsigned depth)
{
	const struct graph *graph = n->graph;

	for (uint32_t i = graph->start[component]; i < graph->start[component + 1]; i++) {
		uint32_t node = graph->order[i];

		for (uint32_t k = graph->first[node]; k < graph->first[node + 1]; k++) {
			if (is_edge_too_deep(c, n, &graph->edges[k], depth))
				return &graph->edges[k];
		}
	}
	return NULL;
}

static void report_deep_message(struct checker *c, const struct nesting *n,
				const struct group *message)
{
	const struct graph_edge *path[MAX_DEPTH + 1];
	uint32_t component = n->graph->component[checked_of(message)->index];
	unsigned length = 0;
	struct diag *report;

	while (length <= MAX_DEPTH && n->too_deep[component] >> length & 1) {
		path[length] = find_deep_edge(c, n, component, length);
		component = n->graph->component[path[length]->to];
		/* The same nesting below another message is the same mistake. */
		if (length++ == 0) {
			if (n->is_reported[component])
				return;
			n->is_reported[component] = true;
		}
	}
	report = diag_error(c->diagnostics, DIAG_MESSAGE_DEPTH, message->c.where,
			    "%s nests groups more than %d deep", describe(c, message), MAX_DEPTH);
	for (unsigned i = 0; i < length; i++)
		diag_note(c->diagnostics, report, path[i]->where, "%s contains %s",
			  describe(c, &c->groups[path[i]->from]->group),
			  describe(c, target_of(c, path[i])));
	if (length <= MAX_DEPTH)
		diag_note(c->diagnostics, report, target_of(c, path[length - 1])->c.where,
			  "this one requires more levels inside it than the %d that are left",
			  MAX_DEPTH - (int)length);
}

/* ---- size ---- */

static const char *size_text(struct checker *c, uint32_t size)
{
	if (size == UINT32_MAX)
		return "4 GiB or more";
	return arena_printf(c->arena, "%u bytes", (unsigned)size);
}

static bool is_alone_too_large(const struct field *field, unsigned depth)
{
	return layout_largest(&field->type, depth) > MAX_MESSAGE - MESSAGE_HEADER;
}

/* The innermost field that is too large alone, starting from one that is. */
static const struct field *field_at_fault(const struct field *field)
{
	for (unsigned depth = 1; depth <= MAX_DEPTH && holds_group(&field->type); depth++) {
		const struct group *group = field->type.group;
		const struct field *inner = NULL;

		for (size_t i = 0; i < group->field_count && !inner; i++) {
			if (is_alone_too_large(&group->fields[i], depth))
				inner = &group->fields[i];
		}
		if (!inner)
			break;
		field = inner;
	}
	return field;
}

static void report_field(struct checker *c, const struct group *message, const struct field *field)
{
	const struct field *fault = field_at_fault(field);
	const struct type *type = &fault->type;
	struct diag *report;

	report = diag_error(c->diagnostics, DIAG_MESSAGE_SIZE, fault->c.where,
			    "the largest form of %s is %s; a message has room for %d",
			    describe(c, message), size_text(c, layout_message(message)), MAX_MESSAGE);
	if (fault == field)
		diag_note(c->diagnostics, report, fault->c.where, "'%s' takes up to %s", fault->c.name,
			  size_text(c, layout_largest(type, 0)));
	else
		diag_note(c->diagnostics, report, field->c.where, "it is part of '%s', which takes up to %s",
			  field->c.name, size_text(c, layout_largest(&field->type, 0)));
	if (type->kind == TYPE_GROUP && type->shape == SHAPE_LIST && !type->list_bytes)
		diag_help(c->diagnostics, report, "bound the list in bytes, too: %s[..%u in 32768]",
			  type->group->c.name, (unsigned)type->max);
	else
		diag_help(c->diagnostics, report, "lower the bounds, or send it in several messages");
}

static void report_sum(struct checker *c, const struct group *message)
{
	const struct field *largest[MAX_NAMED_FIELDS] = { NULL };
	struct diag *report;

	for (size_t i = 0; i < message->field_count; i++) {
		const struct field *field = &message->fields[i];

		for (size_t k = 0; field && k < MAX_NAMED_FIELDS; k++) {
			const struct field *other = largest[k];

			if (other && layout_largest(&other->type, 0) >= layout_largest(&field->type, 0))
				continue;
			largest[k] = field;
			field = other;
		}
	}
	report = diag_error(c->diagnostics, DIAG_MESSAGE_SIZE, message->c.where,
			    "the largest form of %s is %s; a message has room for %d",
			    describe(c, message), size_text(c, layout_message(message)), MAX_MESSAGE);
	for (size_t k = 0; k < MAX_NAMED_FIELDS && largest[k]; k++)
		diag_note(c->diagnostics, report, largest[k]->c.where, "'%s' takes up to %s",
			  largest[k]->c.name, size_text(c, layout_largest(&largest[k]->type, 0)));
	diag_help(c->diagnostics, report, "lower the bounds, or send it in several messages");
}

static void report_large_message(struct checker *c, const struct group *message)
{
	bool is_reported = false;

	for (size_t i = 0; i < message->field_count; i++) {
		if (is_alone_too_large(&message->fields[i], 0)) {
			report_field(c, message, &message->fields[i]);
			is_reported = true;
		}
	}
	if (!is_reported)
		report_sum(c, message);
}

static void check_message(struct checker *c, const struct nesting *n, const struct group *message)
{
	struct command *command = (struct command *)(uintptr_t)message->command;
	uint32_t component = n->graph->component[checked_of(message)->index];

	if (n->is_endless[component] || !check_is_worth_explaining(c))
		return;
	if (n->too_deep[component] & 1)
		report_deep_message(c, n, message);
	else if (layout_message(message) > MAX_MESSAGE)
		report_large_message(c, message);
	else if (message == command->request)
		command->request_max = layout_request_max(message);
	else
		command->response_max = layout_response_max(message);
}

void check_sizes(struct checker *c)
{
	struct group **groups = arena_array(c->arena, c->group_count, sizeof *groups);
	const bool *is_finite = find_finite(c);
	struct nesting nesting;

	for (size_t i = 0; i < c->group_count; i++)
		groups[i] = &c->groups[i]->group;
	report_endless(c, is_finite);
	find_recursion(c);
	layout_groups(groups, c->group_count);
	nesting = find_nesting(c, is_finite);
	for (size_t i = 0; i < c->group_count; i++) {
		if (groups[i]->command)
			check_message(c, &nesting, groups[i]);
	}
}
