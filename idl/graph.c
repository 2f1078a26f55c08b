#include "graph.h"

#include <string.h>

#include "arena.h"

struct graph *graph_new(struct arena *arena, size_t node_count)
{
	struct graph *graph = arena_alloc(arena, sizeof *graph);

	graph->arena = arena;
	graph->node_count = (uint32_t)node_count;
	graph->names = arena_array(arena, node_count, sizeof *graph->names);
	return graph;
}

void graph_add(struct graph *graph, uint32_t from, uint32_t to, struct location where)
{
	if (graph->edge_count == graph->edge_room) {
		uint32_t room = graph->edge_room ? graph->edge_room * 2 : 64;
		struct graph_edge *edges = arena_array(graph->arena, room, sizeof *edges);

		if (graph->edge_count)
			memcpy(edges, graph->edges, graph->edge_count * sizeof *edges);
		graph->edges = edges;
		graph->edge_room = room;
	}
	graph->edges[graph->edge_count++] = (struct graph_edge){ from, to, where };
}

static void index_edges(struct graph *graph)
{
	uint32_t at = 0;

	graph->first = arena_array(graph->arena, (size_t)graph->node_count + 1, sizeof *graph->first);
	for (uint32_t node = 0; node < graph->node_count; node++) {
		graph->first[node] = at;
		while (at < graph->edge_count && graph->edges[at].from == node)
			at++;
	}
	graph->first[graph->node_count] = at;
}

/* Tarjan's algorithm; `path` and `next` stand for the calls of its recursive form. */
struct search {
	uint32_t *found;		/* 0: not yet; otherwise when, from 1 */
	uint32_t *low;
	uint32_t *next;			/* the next edge to follow */
	uint32_t *path, path_length;
	uint32_t *open, open_length;	/* nodes that are in no component yet */
	bool *is_open;
	uint32_t clock;
};

static void enter_node(const struct graph *graph, struct search *s, uint32_t node)
{
	s->found[node] = s->low[node] = ++s->clock;
	s->next[node] = graph->first[node];
	s->path[s->path_length++] = node;
	s->open[s->open_length++] = node;
	s->is_open[node] = true;
}

static void leave_node(struct graph *graph, struct search *s, uint32_t *placed)
{
	uint32_t node = s->path[--s->path_length];

	if (s->path_length) {
		uint32_t above = s->path[s->path_length - 1];

		if (s->low[node] < s->low[above])
			s->low[above] = s->low[node];
	}
	if (s->low[node] != s->found[node])
		return;

	uint32_t begin = s->open_length;

	do
		begin--;
	while (s->open[begin] != node);
	graph->start[graph->component_count] = *placed;
	/* In the order they were found: for siblings, that of the source. */
	for (uint32_t i = begin; i < s->open_length; i++) {
		uint32_t member = s->open[i];

		s->is_open[member] = false;
		graph->component[member] = graph->component_count;
		graph->order[(*placed)++] = member;
	}
	s->open_length = begin;
	graph->component_count++;
}

void graph_components(struct graph *graph)
{
	size_t count = graph->node_count;
	struct arena *arena = graph->arena;
	struct search s = {
		.found = arena_array(arena, count, sizeof(uint32_t)),
		.low = arena_array(arena, count, sizeof(uint32_t)),
		.next = arena_array(arena, count, sizeof(uint32_t)),
		.path = arena_array(arena, count, sizeof(uint32_t)),
		.open = arena_array(arena, count, sizeof(uint32_t)),
		.is_open = arena_array(arena, count, sizeof(bool)),
	};
	uint32_t placed = 0;

	index_edges(graph);
	graph->component = arena_array(arena, count, sizeof *graph->component);
	graph->order = arena_array(arena, count, sizeof *graph->order);
	graph->start = arena_array(arena, count + 1, sizeof *graph->start);

	for (uint32_t root = 0; root < graph->node_count; root++) {
		if (s.found[root])
			continue;
		enter_node(graph, &s, root);
		while (s.path_length) {
			uint32_t node = s.path[s.path_length - 1];

			if (s.next[node] == graph->first[node + 1]) {
				leave_node(graph, &s, &placed);
				continue;
			}
			uint32_t to = graph->edges[s.next[node]++].to;

			if (!s.found[to])
				enter_node(graph, &s, to);
			else if (s.is_open[to] && s.found[to] < s.low[node])
				s.low[node] = s.found[to];
		}
	}
	graph->start[graph->component_count] = placed;
}

bool graph_is_cyclic(const struct graph *graph, uint32_t component)
{
	uint32_t node = graph->order[graph->start[component]];

	if (graph->start[component + 1] - graph->start[component] > 1)
		return true;
	for (uint32_t i = graph->first[node]; i < graph->first[node + 1]; i++) {
		if (graph->edges[i].to == node)
			return true;
	}
	return false;
}

const struct graph_edge **graph_cycle(const struct graph *graph, uint32_t node, uint32_t *length)
{
	uint32_t component = graph->component[node];
	uint32_t size = graph->start[component + 1] - graph->start[component];
	uint32_t *queue = arena_array(graph->arena, size, sizeof *queue);
	/* How the search came to a node; of `node` itself, how it came back. */
	const struct graph_edge **by = arena_array(graph->arena, graph->node_count, sizeof *by);
	uint32_t head = 0, tail = 0;

	queue[tail++] = node;
	while (!by[node]) {
		uint32_t at = queue[head++];

		for (uint32_t i = graph->first[at]; i < graph->first[at + 1]; i++) {
			const struct graph_edge *edge = &graph->edges[i];

			if (graph->component[edge->to] != component || by[edge->to])
				continue;
			by[edge->to] = edge;
			if (edge->to != node)
				queue[tail++] = edge->to;
		}
	}

	uint32_t count = 1;

	for (uint32_t at = by[node]->from; at != node; at = by[at]->from)
		count++;

	const struct graph_edge **cycle = arena_array(graph->arena, count, sizeof *cycle);
	uint32_t at = node;

	for (uint32_t i = count; i-- > 0; at = cycle[i]->from)
		cycle[i] = by[at];
	*length = count;
	return cycle;
}
