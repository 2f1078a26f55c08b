/*
 * Directed graphs of what refers to what, and their strongly connected components.  Nothing here
 * recurses, so a schema's longest chain costs memory, never stack.
 */
#ifndef LWL_IDL_GRAPH_H
#define LWL_IDL_GRAPH_H

#include "model.h"

struct arena;

struct graph_edge {
	uint32_t from, to;
	struct location where;		/* the text that makes `from` refer to `to` */
};

struct graph {
	struct arena *arena;
	uint32_t node_count;
	const char **names;		/* of the nodes, for messages; the caller fills them in */
	struct graph_edge *edges;
	uint32_t edge_count, edge_room;
	/* The rest is filled in by graph_components(). */
	uint32_t *first;		/* node n's edges are first[n] .. first[n + 1] - 1 */
	uint32_t *component;		/* of a node; edges lead to the same or to a smaller component */
	uint32_t component_count;
	uint32_t *order;		/* all nodes, component after component */
	uint32_t *start;		/* component c's nodes are order[start[c]] .. order[start[c + 1] - 1] */
};

struct graph *graph_new(struct arena *arena, size_t node_count);

/* Edges are added in ascending order of `from`. */
void graph_add(struct graph *graph, uint32_t from, uint32_t to, struct location where);

/* Find the components; no edge may be added afterwards. */
void graph_components(struct graph *graph);

/* Whether a component holds a cycle: several nodes, or one with an edge to itself. */
bool graph_is_cyclic(const struct graph *graph, uint32_t component);

/*
 * A shortest cycle through `node`, which must be on one: its edges in order, as an array in the
 * arena, and their number.
 */
const struct graph_edge **graph_cycle(const struct graph *graph, uint32_t node, uint32_t *length);

#endif
