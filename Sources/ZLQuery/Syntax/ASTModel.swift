/// `TRAIN BOOSTED [OR REPLACE] name ON source TARGET column ...`
struct TrainBoosted: Sendable {
    var name: Identifier
    var orReplace: Bool
    var source: ModelSource
    var target: Identifier
    /// nil: every column not named elsewhere.
    var features: ModelFeatures?
    var orderBy: Identifier?
    var weight: Identifier?
    var validation: ModelValidation?
    /// `ALLOW LOOKAHEAD (column, ...)`
    var allowLookahead: [Identifier] = []
    /// `WITH (learning_rate = 0.01, ...)`, in the order written
    var parameters: [ModelParameter] = []
}

/// `ON view`, `ON (query)`
enum ModelSource: Sendable {
    case table(ObjectName)
    case query(Query)
}

struct ModelFeatures: Sendable {
    var kind: ModelFeaturesKind
    var range: Range<Int>
}

enum ModelFeaturesKind: Sendable {
    /// `(a, b)`
    case columns([Identifier])
    /// `(* EXCLUDE (a, b))`, `(*)`
    case allExcept([Identifier])
}

/// `VALIDATE ...`
struct ModelValidation: Sendable {
    var kind: ModelValidationKind
    /// nil: not written, which means AUTO.
    var purge: ModelPurge?
    /// nil: not written, which means 15 percent.
    var inner: ModelInner?
    var range: Range<Int>
}

enum ModelValidationKind: Sendable {
    /// `WALK FORWARD (FOLDS n [, EMBARGO n] [, SLIDING n])`
    case walkForward(folds: Int, embargo: Int?, sliding: Int?)
    /// `HOLDOUT (0.2)`
    case holdoutFraction(Expression)
    /// `HOLDOUT (FROM DATE '2024-01-01')`
    case holdoutFrom(Expression)
}

enum ModelPurge: Hashable, Sendable {
    case values(Int, range: Range<Int>)
    case auto(range: Range<Int>)
}

/// The rows that early stopping watches.
enum ModelInner: Hashable, Sendable {
    /// `INNER 15 PERCENT`: the last of the training rows; the number keeps its text.
    case percent(String, range: Range<Int>)
    /// `INNER NONE`: the reported fold itself
    case none(range: Range<Int>)
}

/// One entry of `WITH (...)`, values with their text kept (`-0.10` stays `-0.10`).
struct ModelParameter: Hashable, Sendable {
    var name: Identifier
    var value: ModelParameterValue
    var valueRange: Range<Int>
}

enum ModelParameterValue: Hashable, Sendable {
    case number(String)
    case string(String)
    case boolean(Bool)
    /// `objective = regression`
    case word(String)
    /// `metric = ['l1', 'l2']`, `metric = ('l1', 'l2')`
    case list([ModelParameterValue])
}

/// `EVALUATE MODEL name ON source`
struct EvaluateModel: Sendable {
    var name: Identifier
    var source: ModelSource
}
