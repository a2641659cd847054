{# Why staging rejects a source row, {reason: what it means}, in the order in which the reasons are looked for. #}
{% macro rejection_reasons() %}
    {{ return({
        'more cells than headers':
            'the row has more cells than the file has headers, so which value belongs where is unknown; often a '
            'separator that should stand in quotes',
        'missing customer_id': 'the id is blank or a mark of a missing value such as ? or n/a',
        'total of the other rows': 'the id is a word such as Total and a number is the sum of the other rows',
        'duplicate row': 'all values, once cleaned, equal those of an earlier row with this id',
        'duplicate customer_id': 'another row with this id is kept and says something else',
        'no usable feature': 'not one column holds a value that can be read and lies within its valid range',
    }) }}
{% endmacro %}
