import ZLColumnar

/// All functions by lower-case name. Built once, on first use; immutable.
///
/// The arrays are listed by family: `ScalarFunction.all`, `AggregateFunction.all`, `WindowFunction.all`.
package struct FunctionRegistry: Sendable {
    package static let shared = FunctionRegistry(
        scalars: ScalarFunction.all, aggregates: AggregateFunction.all, windows: WindowFunction.all)

    package let scalars: [String: ScalarFunction]
    package let aggregates: [String: AggregateFunction]
    package let windows: [String: WindowFunction]

    init(scalars: [ScalarFunction], aggregates: [AggregateFunction], windows: [WindowFunction]) {
        self.scalars = FunctionRegistry.byName(scalars, \.description)
        self.aggregates = FunctionRegistry.byName(aggregates, \.description)
        self.windows = FunctionRegistry.byName(windows, \.description)
    }

    private static func byName<F>(_ functions: [F], _ description: KeyPath<F, FunctionDescription>) -> [String: F] {
        var table: [String: F] = [:]
        for function in functions {
            let names = [function[keyPath: description].name] + function[keyPath: description].aliases
            for name in names {
                precondition(table[name] == nil, "the function \(name) is registered twice")
                table[name] = function
            }
        }
        return table
    }
}
