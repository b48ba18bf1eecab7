import ZLColumnar

/// A syntax error on its way up through the parser.
///
/// One pointer wide: every `try` reserves room in its stack frame for the error that it may pass on, and a recursive
/// parser must have small frames. `Parser.parseScript` and its kin hand out the `ZLError`.
struct SyntaxFailure: Error {
    private final class Box: Sendable {
        let error: ZLError
        init(_ error: ZLError) { self.error = error }
    }

    private let box: Box

    init(_ error: ZLError) { box = Box(error) }

    var error: ZLError { box.error }

    var hint: String? { box.error.hint }

    /// The same failure with the hint, unless it has one.
    func hinted(_ hint: String?) -> SyntaxFailure {
        guard box.error.hint == nil, let hint else { return self }
        var error = box.error
        error.hint = hint
        return SyntaxFailure(error)
    }

    /// A part of the dialect that does not exist yet.
    static func notYet(_ what: String, range: Range<Int>) -> SyntaxFailure {
        SyntaxFailure(ZLError.notYet(what, range: range))
    }
}
