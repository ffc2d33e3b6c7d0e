import CLibpq

/// Sending: libpq only appends to its buffer here; `exchange` moves the bytes.
extension PostgresLink {
    func sendPrepare(_ name: String, _ sql: String, types: [UInt32]) throws(PostgresError) {
        try check(PQsendPrepare(handle, name, sql, Int32(types.count), types))
    }

    func sendExecute(_ name: String, _ parameters: PostgresParameters) throws(PostgresError) {
        let sent = parameters.withPointers { values, lengths, formats in
            PQsendQueryPrepared(handle, name, Int32(parameters.types.count), values, lengths, formats, 1)
        }
        try check(sent)
    }

    /// Sends one statement without parameters and without preparing it.
    func sendUnprepared(_ sql: String) throws(PostgresError) {
        try check(PQsendQueryParams(handle, sql, 0, nil, nil, nil, nil, 1))
    }

    /// Sends a script of many statements; not in pipeline mode.
    func sendScript(_ sql: String) throws(PostgresError) {
        try check(PQsendQuery(handle, sql))
    }

    /// Ends one caller's part of a pipeline: a failure before it does not touch what comes after.
    func sendSync() throws(PostgresError) { try check(PQpipelineSync(handle)) }

    func enterPipeline() throws(PostgresError) { try check(PQenterPipelineMode(handle)) }

    func exitPipeline() throws(PostgresError) { try check(PQexitPipelineMode(handle)) }

    private func check(_ status: Int32) throws(PostgresError) {
        guard status == 1 else { throw lost() }
    }

    /// C strings end at the first zero byte: such a text would run only in part.
    static func validate(_ sql: String) throws(PostgresError) {
        guard !sql.utf8.contains(0) else {
            throw PostgresError(.invalidParameter, "the statement contains a zero byte")
        }
    }
}
