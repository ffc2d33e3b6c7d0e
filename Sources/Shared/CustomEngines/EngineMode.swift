/// What an uploaded engine does at the moment.
package enum EngineMode: String, Sendable, CaseIterable, Hashable {
    /// Nothing.
    case inactive
    /// Answers beside the engine that decides; its answers are compared and go nowhere.
    case shadow
    /// Decides.
    case active
}
