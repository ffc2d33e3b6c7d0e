/// Rows that go down the trees together, laid out by feature: neighbours read neighbouring memory at the same split.
enum TreeBlock {
    /// 64 rows of 40 features fit into the first cache in 32 bits, and the second holds a big ensemble meanwhile.
    static let rows = 64
}
