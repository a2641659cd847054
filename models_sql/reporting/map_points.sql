with

-- Axes side by side, so that a customer's dimensions are read once.
axes as (

    select
        segmentation,
        dimension,
        feature,
        level,
        transform,
        mean,
        scale,
        max(case when axis = 1 then loading end) as x_loading,
        max(case when axis = 2 then loading end) as y_loading
    from {{ ref('map_axes') }}
    group by segmentation, dimension, feature, level, transform, mean, scale

),

drawn as (

    select distinct
        segmentation,
        point,
        customer_id,
        segment_id
    from {{ ref('segment_points') }}

),

customers as (

    select
        drawn.segmentation,
        drawn.point,
        drawn.segment_id,
        drawn.customer_id,
        sum(axes.x_loading * points.coordinate) as x,
        sum(axes.y_loading * points.coordinate) as y
    from drawn
    inner join {{ ref('training_points') }} as points
        on drawn.segmentation = points.segmentation and drawn.customer_id = points.customer_id
    inner join axes on points.segmentation = axes.segmentation and points.dimension = axes.dimension
    group by drawn.segmentation, drawn.point, drawn.segment_id, drawn.customer_id

),

-- A center has a value for each level of a category: the share that it has in the segment.
centers as (

    select
        centroids.segmentation,
        0 as point,
        centroids.segment_id,
        cast(null as {{ dbt.type_string() }}) as customer_id,
        sum(
            axes.x_loading
            * ({{ transformed('centroids.center', "axes.transform = 'log'") }} - axes.mean) / axes.scale
        ) as x,
        sum(
            axes.y_loading
            * ({{ transformed('centroids.center', "axes.transform = 'log'") }} - axes.mean) / axes.scale
        ) as y
    from {{ ref('segment_centroids') }} as centroids
    inner join axes
        on
            centroids.segmentation = axes.segmentation
            and centroids.feature = axes.feature
            and centroids.level = axes.level
    group by centroids.segmentation, centroids.segment_id

),

placed as (

    select * from customers
    union all
    select * from centers

),

points as (

    select
        ---------- ids
        segmentation,
        cast(point as integer) as point,
        segment_id,
        customer_id,

        ---------- where it lies
        {{ significant('x') }} as x,
        {{ significant('y') }} as y
    from placed

)

select * from points
