/// What stands after OVER.
enum WindowReference: Sendable {
    /// `OVER w`
    case name(Identifier)
    /// `OVER (...)`
    case definition(WindowDefinition)
}

/// `([base] [PARTITION BY ...] [ORDER BY ...] [frame])`
struct WindowDefinition: Sendable {
    /// A window of the WINDOW clause that this one refines.
    var base: Identifier?
    var partitionBy: [Expression] = []
    var orderBy: [OrderItem] = []
    var frame: WindowFrame?
    var range: Range<Int>
}

/// `ROWS BETWEEN start AND end [EXCLUDE ...]`; the short form `ROWS start` has `end == .currentRow`.
struct WindowFrame: Sendable {
    var unit: FrameUnit
    var start: FrameBound
    var end: FrameBound
    var exclusion: FrameExclusion
    var range: Range<Int>
}

enum FrameUnit: String, Hashable, Sendable {
    case rows = "ROWS"
    case range = "RANGE"
    case groups = "GROUPS"
}

enum FrameBound: Sendable {
    case unboundedPreceding
    case preceding(Expression)
    case currentRow
    case following(Expression)
    case unboundedFollowing
}

enum FrameExclusion: String, Hashable, Sendable {
    case noOthers = "NO OTHERS"
    case currentRow = "CURRENT ROW"
    case group = "GROUP"
    case ties = "TIES"
}

/// One entry of a WINDOW clause: `w AS (...)`
struct NamedWindow: Sendable {
    var name: Identifier
    var definition: WindowDefinition
}
