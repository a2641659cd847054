{# What `scoring_steps` finds of a customer, as SQL expressions: {segment_id, distance, runner_up_segment_id,
   runner_up_distance, is_outlier}. Distances are those of the held values; whether a customer is far from its segment
   is judged at its own. By rule there is a segment and no distance. #}
{% macro scores(segmentation, prefix) %}
    {% if is_by_rules(segmentation) %}
        {% set unknown = 'cast(null as ' ~ type_double() ~ ')' %}
        {{ return({
            'segment_id': prefix ~ '__group', 'distance': unknown,
            'runner_up_segment_id': 'cast(null as integer)', 'runner_up_distance': unknown,
            'is_outlier': 'false',
        }) }}
    {% endif %}
    {% set numbers = segmentation_numbers(segmentation) %}
    {% set slots = range(1, max_cluster_count(segmentation) + 1) %}
    {% set columns = {} %}
    {% set by_slot %}
        case {{ prefix }}__slot__
            {% for slot in slots -%}
            when {{ slot }} then {{ prefix }}__id__{{ slot }}
            {% endfor -%}
        end
    {%- endset %}
    {% do columns.update({'segment_id': by_slot, 'distance': 'sqrt(' ~ prefix ~ '__nearest__)'}) %}
    {% set second %}
        case
            {% for slot in slots -%}
            when {{ prefix }}__slot__ != {{ slot }} and {{ prefix }}__{{ slot }} = {{ prefix }}__second__ then {{ prefix }}__id__{{ slot }}
            {% endfor -%}
        end
    {%- endset %}
    {% do columns.update({'runner_up_segment_id': second, 'runner_up_distance': 'sqrt(' ~ prefix ~ '__second__)'}) %}
    {% set moved = [prefix ~ '__nearest__'] %}
    {% for feature in numbers %}
        {% set place = prefix ~ '__' ~ feature %}
        {% do moved.append(
            'power(' ~ place ~ '__own - ' ~ place ~ '__center, 2) - power(' ~ place ~ ' - ' ~ place ~ '__center, 2)'
        ) %}
    {% endfor %}
    {% set outlier %}
        case
            {% if numbers -%}
            when
                {% for feature in numbers -%}
                {{ prefix }}__{{ feature }} != {{ prefix }}__{{ feature }}__own{{ ' or ' if not loop.last }}
                {%- endfor %}
                then {{ sum_of(moved) }}
            {% else -%}
            when false then null
            {% endif -%}
            else {{ prefix }}__nearest__
        end > power(
            case {{ prefix }}__slot__
                {% for slot in slots -%}
                when {{ slot }} then {{ prefix }}__reach__{{ slot }}
                {% endfor -%}
            end, 2
        )
    {%- endset %}
    {% do columns.update({'is_outlier': outlier}) %}
    {{ return(columns) }}
{% endmacro %}
