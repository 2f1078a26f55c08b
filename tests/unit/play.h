/*
 * A random program on both sides of a link, or of a chain of links: whatever it did, every reference
 * must be back at the end, and every command answered.  To be included behind cmocka.h.
 */
#ifndef LWLINK_TESTS_PLAY_H
#define LWLINK_TESTS_PLAY_H

#include "talk.h"

static uint64_t seed;

static inline uint32_t random_below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % n;
}

enum { KEPT_MAX = 400, STEPS = 3000, SEEDS = 60 };

/* What one side's program knows. */
static struct player {
	struct side *side;
	struct lwl_link *link;
	struct object object;		/* of everything it hosts */
	unsigned hosted;		/* how many of these there have been */
	uint64_t kept[KEPT_MAX];	/* each once for each keep */
	unsigned kept_count;
	uint64_t own[KEPT_MAX];		/* that were hosted by hand: to be sent, revoked, … */
	unsigned own_count;
	uint32_t calls[64];		/* the last commands, for cancels */
	unsigned begun;
	struct answer answer;		/* of all */
	unsigned deaths;
	unsigned stalled;		/* for so many steps nothing is taken off its hands */
} players[2];

static uint32_t largest;		/* of what is echoed */

static inline void player_died(void *ctx, uint64_t id)
{
	struct player *player = ctx;
	unsigned i;

	/* It is one that is kept. */
	for (i = 0; i < player->kept_count && player->kept[i] != id; i++)
		;
	assert_true(i < player->kept_count);
	player->deaths++;
}

static inline void keep_it(struct player *player, uint64_t id)
{
	/* One's own needs no keeping. */
	if (lwl_link_references(player->link, id) > 0 || player->kept_count == KEPT_MAX)
		return;
	assert_int_equal(lwl_link_keep(player->link, id), 0);
	player->kept[player->kept_count++] = id;
	if (random_below(2) == 0)
		(void)lwl_link_watch(player->link, id, player_died, player);
}

static inline void drop_one(struct player *player)
{
	unsigned i;
	uint64_t id;

	if (player->kept_count == 0)
		return;
	i = random_below(player->kept_count);
	id = player->kept[i];
	player->kept[i] = player->kept[--player->kept_count];
	assert_int_equal(lwl_link_drop(player->link, id), 0);
}

static inline uint64_t any_kept(struct player *player)
{
	return player->kept_count > 0 ? player->kept[random_below(player->kept_count)] : 0;
}

/* An end point to be given: one that is kept, or one of its own, old or new.  0: none. */
static inline uint64_t any_to_give(struct player *player)
{
	unsigned which = random_below(4);

	if (which < 2)
		return any_kept(player);
	if (which == 2 && player->own_count > 0) {
		uint64_t id = player->own[random_below(player->own_count)];

		return lwl_link_self(player->link, id,
				     NULL) != NULL || lwl_link_references(player->link, id) > 0
			       ? id : 0;
	}
	if (player->own_count < KEPT_MAX) {
		uint64_t id;
		int status = lwl_link_host(player->link, &talk_peer_interface, &peer_ops,
					   &player->object,
					   count_closed, &id);

		if (status != 0) {
			assert_int_equal(status, -LWL_EMFILE);
			return 0;
		}
		player->hosted++;
		player->own[player->own_count++] = id;
		return id;
	}
	return 0;
}

static inline void player_hook(struct object *object, struct lwl_call *call)
{
	struct player *player = object->ctx;

	if (!lwl_call_is_oneway(call) && random_below(8) == 0)
		(void)lwl_call_hold(call);
	switch (lwl_call_command(call)) {
	case TALK_PEER_NOTE:
		if (object->peer != 0 && random_below(2) == 0)
			keep_it(player, object->peer);
		break;
	case TALK_PEER_GIVE:
		if (random_below(2) == 0)
			keep_it(player, object->peer);
		break;
	default:
		break;
	}
}

static inline void player_answer(struct answer *answer)
{
	struct player *player = answer->ctx;

	if (answer->status == 0 && answer->id != 0 && random_below(2) == 0)
		keep_it(player, answer->id);
	if (answer->status != 0)
		assert_true(answer->status == -LWL_EGONE || answer->status == -LWL_EDEADLINE ||
			    answer->status == -LWL_EUNKNOWN || answer->status == -LWL_EMFILE ||
			    answer->status == -LWL_EBUSY ||
			    answer->status == -LWL_ECANCELLED || answer->status == -LWL_EINVAL ||
			    answer->status == -LWL_ECALLS);
	answer->id = 0;
}

static inline void player_answers_later(struct player *player)
{
	struct object *object = &player->object;
	unsigned i;
	struct lwl_call *call;

	if (object->later_count == 0)
		return;
	i = random_below(object->later_count);
	call = object->later[i];
	object->later[i] = object->later[--object->later_count];
	if (random_below(4) == 0) {
		assert_int_equal(lwl_call_fail(call, LWL_ECANCELLED, NULL), 0);
	} else {
		const struct talk_peer_later_rsp rsp = { .tag = 4 };

		assert_int_equal(talk_peer_later_reply(call, &rsp), 0);
	}
}

static inline void begun(struct player *player, int status, bool oneway)
{
	if (status == 0 && !oneway)
		player->calls[player->begun++ % COUNT(player->calls)] = lwl_call_last(player->link);
	else if (status != 0)
		assert_true(status == -LWL_ECALLS || status == -LWL_EGONE);
}

static inline void play(struct player *player)
{
	struct lwl_link *link = player->link;
	struct answer *answer = &player->answer;
	uint64_t to = any_kept(player), id;
	unsigned i;

	switch (random_below(16)) {
	case 0:
		begun(player, lwl_link_open(link, "root", &talk_peer_interface, opened, answer), false);
		break;
	case 1:
		if (to != 0)
			begun(player, call_make(link, to, 1 + random_below(5), answer), false);
		break;
	case 2:
	case 3:
		id = any_to_give(player);
		if (to != 0 && id != 0)
			begun(player, call_give(link, to, id, false, answer), false);
		break;
	case 4:
		id = any_to_give(player);
		if (to != 0)
			begun(player, send_note(link, to, 1, id), true);
		break;
	case 5:
		id = any_to_give(player);
		if (to != 0)
			begun(player, call_pass(link, to, id, random_below(largest), answer), false);
		break;
	case 6:
		if (to != 0)
			begun(player, call_echo(link, to, random_below(largest), answer), false);
		break;
	case 7:
		if (to != 0)
			begun(player, call_later(link, to, 1, answer), false);
		break;
	case 8:
		id = any_to_give(player);
		if (to != 0)
			begun(player, call_never(link, to, id, answer), false);
		break;
	case 9:
		if (to != 0)
			begun(player, call_much(link, to, random_below(200), answer), false);
		break;
	case 10:
		if (player->begun > 0)
			(void)lwl_call_cancel(link, player->calls[random_below(COUNT(player->calls))]);
		break;
	case 11:
	case 12:
		drop_one(player);
		if (player->kept_count > KEPT_MAX / 2)
			drop_one(player);
		break;
	case 13:
		if (random_below(3) == 0)
			(void)lwl_link_revoke(link, player->object.made);
		if (player->own_count > 0 && random_below(3) == 0) {
			i = random_below(player->own_count);
			(void)lwl_link_revoke(link, player->own[i]);
			player->own[i] = player->own[--player->own_count];
		}
		break;
	case 14:
		if (to != 0)
			(void)lwl_link_watch(link, to, random_below(2) == 0 ? NULL : player_died,
					     player);
		break;
	default:
		player_answers_later(player);
		lwl_link_set_timeout(link, random_below(3) == 0 ? 1 + random_below(3 * SECOND) : 0);
		break;
	}
}

/* What both export; `exports` must stay. */
static inline void players_make(uint64_t first, struct lwl_export exports[2])
{
	unsigned i;

	seed = first * UINT64_C(0x9e3779b97f4a7c15) | 1;
	memset(players, 0, sizeof players);
	for (i = 0; i < 2; i++)
		exports[i] = (struct lwl_export){ "root", &talk_peer_interface, &peer_ops,
						  &players[i].object, NULL, 0 };
}

static inline void player_joins(struct player *player, struct side *side)
{
	player->side = side;
	player->link = side->link;
	player->object.ctx = player;
	player->object.hook = player_hook;
	player->answer.ctx = player;
	player->answer.hook = player_answer;
}

/* Everything is answered, and all that is kept is dropped.  To be repeated, with time in between. */
static inline void players_leave(void)
{
	unsigned i, k;

	for (i = 0; i < 2; i++) {
		struct player *player = &players[i];

		player->object.hook = NULL;
		player->answer.hook = NULL;
		while (player->object.later_count > 0)
			player_answers_later(player);
		while (player->kept_count > 0)
			drop_one(player);
		for (k = 0; k < player->own_count; k++) {
			/* What was never sent is not closed by anybody else. */
			if (lwl_link_references(player->link, player->own[k]) == 0)
				(void)lwl_link_revoke(player->link, player->own[k]);
		}
	}
}

/* Nothing is outstanding on this side. */
static inline void side_is_empty(const struct side *side)
{
	struct lwl_link_stats stats = stats_of(side);

	assert_int_equal(stats.calls_out + stats.calls_in, 0);
	assert_int_equal(stats.hosted_references, 0);
	assert_int_equal(stats.held_references, 0);
	assert_int_equal(stats.hosted, 0);
	assert_int_equal(stats.held, 0);
	assert_int_equal(stats.held_bytes, 0);
	assert_int_equal(stats.bytes_unacked, 0);
}

static inline void players_are_done(void)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		side_is_empty(players[i].side);
		assert_int_equal(players[i].answer.count, players[i].begun);
		assert_int_equal(players[i].object.closed,
				 players[i].hosted + players[i].object.hosted);
	}
}

#endif
