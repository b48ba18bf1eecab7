import ZLColumnar

/// Stops the statement that runs in a session, within about 100 ms, with `ZLError.interrupted`.
///
/// `interrupt` may be called from any thread and from a signal handler: it stores one atomic flag.
public final class Interrupter: Sendable {
    let flag = CancellationFlag()

    public init() {}

    public func interrupt() { flag.cancel() }

    /// Forgets an interruption that came while nothing ran. Statements do so when they begin.
    public func reset() { flag.reset() }
}
