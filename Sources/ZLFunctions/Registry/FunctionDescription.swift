import ZLColumnar

/// What is told about a function, beside what it computes: the source of `zl_functions()` and of the documentation.
package struct FunctionDescription: Sendable {
    package enum Kind: String, Sendable { case scalar, aggregate, window, table }

    package enum NullRule: String, Sendable {
        /// A NULL argument gives NULL; kernels get the union of the arguments' NULLs applied for them.
        case propagates
        /// NULL rows are left out, as aggregates do.
        case skips
        /// The function looks at NULLs itself.
        case own
    }

    package let name: String
    package let kind: Kind
    package let aliases: [String]
    /// One line.
    package let summary: String
    package let nullRule: NullRule
    /// SQL that can be run as it stands behind SELECT.
    package let example: String

    package init(
        _ name: String, _ kind: Kind, aliases: [String] = [], _ summary: String, nullRule: NullRule, example: String
    ) {
        self.name = name
        self.kind = kind
        self.aliases = aliases
        self.summary = summary
        self.nullRule = nullRule
        self.example = example
    }
}

/// How a call's argument types meet an overload: what the arguments are cast to, and what comes out.
package struct ResolvedSignature: Hashable, Sendable {
    package var arguments: [DataType]
    package var result: DataType
    /// Sum of the implicit casts' costs; the cheapest overload is taken, the first declared one on a tie.
    package var cost: Int

    package init(arguments: [DataType], result: DataType, cost: Int) {
        self.arguments = arguments
        self.result = result
        self.cost = cost
    }
}

/// Decides whether an overload takes arguments of some types; nil where it does not.
package typealias SignatureResolver = @Sendable (_ arguments: [DataType]) -> ResolvedSignature?
