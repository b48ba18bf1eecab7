import ZLColumnar

/// Aggregates that keep the value of one row of each group: first, last, any_value, arg_min, arg_max, and min and max of texts
/// and intervals.
///
/// Each batch is gone through twice: the chooser, typed by the key, lists the rows that replace their group's choice; then the
/// values of those rows are copied. Where the values are the keys too, they are copied into both.
///
/// - Complexity: O(1) a row, and for texts a copy of at most one a group and batch.
final class ChoiceState: BatchAggregateState {
    private let rule: ChoiceRule
    private let type: DataType
    private let key: DataType
    private let chooser: any RowChooser
    private let values: ChosenValues

    /// - Parameter key: type of the second argument, which decides; the one argument decides itself where nil.
    init(_ rule: ChoiceRule, type: DataType, key: DataType?) {
        self.rule = rule
        self.type = type
        self.key = key ?? type
        chooser = ChoiceState.chooser(rule, key: self.key)
        values = ChosenValues(type: type)
    }

    private static func chooser(_ rule: ChoiceRule, key: DataType) -> any RowChooser {
        guard rule == .least || rule == .greatest else { return PlaceChooser(rule) }
        guard let kernel = ChoiceKernel.of(key.physical) else { return TextChooser(wantsLess: rule == .least) }
        return ExtremeChooser(wantsLess: rule == .least, kernel: kernel)
    }

    /// The state of min, max, first, last or any_value.
    static func make(_ rule: ChoiceRule, type: DataType) -> any AggregateState {
        // why: an interval's key is another value than the interval
        if rule == .least || rule == .greatest, type.physical != .interval, let kernel = ChoiceKernel.of(type.physical) {
            return ExtremeState(type: type, wantsLess: rule == .least, kernel: kernel)
        }
        if rule == .first || rule == .last, type.physical != .string { return PlaceState(isLast: rule == .last, type: type) }
        return ChoiceState(rule, type: type, key: nil)
    }

    func grow(to groupCount: Int) {
        chooser.grow(to: groupCount)
        values.grow(to: groupCount)
    }

    func update(_ arguments: [ColumnVector], _ rows: AggregateRows) throws(ZLError) {
        let values = arguments[0].flattened()
        var keys = values
        if arguments.count > 1 {
            keys = arguments[1].flattened()
            // why: as DuckDB does, arg_min and arg_max pass over rows whose value is NULL, not only those whose key is
            keys = keys.withValidity(ValidityBitmap.intersection(keys.validity, values.validity, count: rows.count))
        }
        let chosen = chooser.choose(keys, rows)
        if chosen.count > 0 { self.values.take(values, chosen) }
    }

    func makePartial() -> (any AggregateState)? { ChoiceState(rule, type: type, key: key) }

    func merge(_ partial: any AggregateState, groups: UnsafePointer<UInt32>) throws(ZLError) {
        guard let partial = partial as? ChoiceState else { return }
        let chosen = chooser.merge(partial.chooser, groups: groups)
        if chosen.count > 0 { values.take(partial.values.column(partial.chooser.presence), chosen) }
    }

    func finish() throws(ZLError) -> ColumnVector { values.column(chooser.presence) }
}
