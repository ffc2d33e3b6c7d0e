import Redis

/// The queue's Lua scripts.
///
/// Each is short: Redis runs one at a time.
enum DoorbellScripts {
    /// Adds job ids to their lanes' streams.
    ///
    /// KEYS 1–4: the streams, critical to bulk; 5: the lanes hash.
    /// ARGV: triples (index of the stream, job id, kind).
    /// Returns, per lane: length of the stream, window, backlog (1 when the ledger holds unrung jobs, else 0).
    static let ring = RedisScript(
        name: "ring",
        source: """
            for i = 1, #ARGV, 3 do
                redis.call('XADD', KEYS[tonumber(ARGV[i])], '*', 'id', ARGV[i + 1], 'k', ARGV[i + 2])
            end
            local names = {'critical', 'interactive', 'batch', 'bulk'}
            local reply = {}
            for i = 1, 4 do
                reply[#reply + 1] = redis.call('XLEN', KEYS[i])
                reply[#reply + 1] = tonumber(redis.call('HGET', KEYS[5], 'window:' .. names[i]) or '0')
                reply[#reply + 1] = tonumber(redis.call('HGET', KEYS[5], 'backlog:' .. names[i]) or '0')
            end
            return reply
            """
    )

    /// Sets a generation's token where it was announced.
    ///
    /// KEYS 1: the token; 2: the announcement. ARGV 1: the token. Returns 1 when it was set.
    static let setToken = RedisScript(
        name: "set_token",
        source: """
            if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
            redis.call('SET', KEYS[1], ARGV[1])
            redis.call('DEL', KEYS[2])
            return 1
            """
    )

    /// Acknowledges and deletes entries in one step, so that no crash leaves one acknowledged but kept.
    ///
    /// KEYS 1: the stream. ARGV 1: the group; then entry ids. Returns how many were deleted.
    static let acknowledge = RedisScript(
        name: "acknowledge",
        source: """
            local ids = {}
            for i = 2, #ARGV do ids[#ids + 1] = ARGV[i] end
            redis.call('XACK', KEYS[1], ARGV[1], unpack(ids))
            return redis.call('XDEL', KEYS[1], unpack(ids))
            """
    )

    /// Rings entries again that were read and never acknowledged: their reader died before it could claim them.
    ///
    /// KEYS 1: the stream. ARGV 1: the group; 2: a consumer's name for the transfer; 3: idle milliseconds.
    /// Returns how many were rung again.
    static let reclaim = RedisScript(
        name: "reclaim",
        source: """
            local taken = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], '0-0', 'COUNT', 100)
            local again = 0
            for _, entry in ipairs(taken[2]) do
                if entry and entry[2] then
                    redis.call('XADD', KEYS[1], '*', unpack(entry[2]))
                    again = again + 1
                end
                if entry then
                    redis.call('XACK', KEYS[1], ARGV[1], entry[1])
                    redis.call('XDEL', KEYS[1], entry[1])
                end
            end
            return again
            """
    )

    /// Removes a consumer that holds nothing and has been idle: XGROUP DELCONSUMER drops pending entries for ever.
    ///
    /// KEYS 1: the stream. ARGV 1: the group; 2: least idle milliseconds. Returns how many were removed.
    static let sweepConsumers = RedisScript(
        name: "sweep consumers",
        source: """
            local removed = 0
            for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
                local fields = {}
                for i = 1, #consumer, 2 do fields[consumer[i]] = consumer[i + 1] end
                if fields['pending'] == 0 and fields['idle'] > tonumber(ARGV[2]) then
                    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], fields['name'])
                    removed = removed + 1
                end
            end
            return removed
            """
    )

    /// How a lane's stream stands, in one consistent look, without trusting `lag` (it is NULL after ordinary use).
    ///
    /// KEYS 1: the stream. ARGV 1: the group.
    /// Returns: length, entries read by the group so far, age in milliseconds of the oldest unread entry (-1: none).
    static let gauge = RedisScript(
        name: "gauge",
        source: """
            local length = redis.call('XLEN', KEYS[1])
            local read, last = 0, '0-0'
            for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
                local fields = {}
                for i = 1, #group, 2 do fields[group[i]] = group[i + 1] end
                if fields['name'] == ARGV[1] then
                    last = fields['last-delivered-id']
                    read = fields['entries-read'] or 0
                end
            end
            local unread = redis.call('XRANGE', KEYS[1], '(' .. last, '+', 'COUNT', 1)
            local age = -1
            if #unread > 0 then
                local now = redis.call('TIME')
                local born = tonumber(string.match(unread[1][1], '^(%d+)'))
                age = math.max(0, math.floor(tonumber(now[1]) * 1000 + tonumber(now[2]) / 1000) - born)
            end
            return {length, read, age}
            """
    )
}
