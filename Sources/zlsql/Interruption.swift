import Glibc
import Synchronization
import ZLQuery

/// What Ctrl-C does: it stops the running statement, or clears the line at the prompt; it never ends the program by itself.
///
/// A signal handler may touch atomics only, and these are made before it is installed.
enum Interruption {
    static let ofStatements = Interrupter()
    /// Set while a line is read at the prompt.
    static let isReadingLine = Atomic<Bool>(false)
    /// Ctrl-C came since the last line or statement began.
    static let happened = Atomic<Bool>(false)

    /// - Complexity: called once, before anything runs.
    static func install() {
        ofStatements.reset()
        happened.store(false, ordering: .relaxed)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in
            Interruption.happened.store(true, ordering: .relaxed)
            if !Interruption.isReadingLine.load(ordering: .relaxed) { Interruption.ofStatements.interrupt() }
        }
        // why: without SA_RESTART a read at the prompt returns, so that the line can be ended.
        action.sa_flags = 0
        sigaction(SIGINT, &action, nil)
        // why: a parent may have left it blocked.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
    }
}
