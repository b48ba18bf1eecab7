/// The one error that the engine throws.
///
/// A message names the object, what was found and what was expected; `hint` says what to do or gives the nearest name.
/// Layers below SQL leave `range` empty; the binder and the session fill it in where a piece of the statement is to blame.
public struct ZLError: Error, Hashable, Sendable {
    /// Who has to act, and how: the same classes decide the exit code of the program.
    public enum Class: String, Hashable, Sendable {
        /// The text is no statement.
        case syntax
        /// A name or a type does not fit.
        case binding
        /// A value cannot become the wanted type.
        case conversion
        /// A declared constraint would be broken.
        case constraint
        /// A statement failed while it ran.
        case execution
        /// Memory, disk space, or an interruption by the user.
        case resource
        /// A file cannot be opened, read or written, or is not what it should be.
        case io
        /// A database file holds something that it cannot.
        case corruption
        /// A defect of the engine itself.
        case `internal`
    }

    public var kind: Class
    /// A stable identifier in lower snake case, for example `unknown_column`.
    public var code: String
    public var message: String
    public var hint: String?
    /// UTF-8 offsets of the piece of the statement's text that is to blame.
    public var range: Range<Int>?

    public init(
        _ kind: Class, _ code: String, _ message: String, hint: String? = nil, range: Range<Int>? = nil
    ) {
        self.kind = kind
        self.code = code
        self.message = message
        self.hint = hint
        self.range = range
    }

    /// The same error, blamed on `range` unless a narrower place is already known.
    public func at(_ range: Range<Int>?) -> ZLError {
        var error = self
        if error.range == nil { error.range = range }
        return error
    }
}

extension ZLError: CustomStringConvertible {
    public var description: String { hint.map { "\(message)\nHint: \($0)" } ?? message }
}

extension ZLError {
    /// The user pressed Ctrl-C or a session was told to stop.
    public static let interrupted = ZLError(.resource, "interrupted", "interrupted")

    /// A part of the dialect that does not exist yet.
    public static func notYet(_ what: String, range: Range<Int>? = nil) -> ZLError {
        ZLError(.binding, "not_implemented", "\(what) is not implemented yet", range: range)
    }
}
